import * as assert from 'uvu/assert';
import { byCount } from '../../src/model/chunkers.ts';
import { defineJob } from '../../src/model/job.ts';
import { workModule } from '../../src/model/work.ts';
import type work from '../fixtures/corpus-items.work.ts';
import { checkPrototype } from '../security/support.ts';
import { collect } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';
import { executorNames, withEngine } from './executors.ts';
import { thrown } from './thrown.ts';
import { encodable, type OddValue, refused } from './values.ts';

const test = suite('corpus: what a source gives');

/** An item is no stored value: whatever can be cloned is given to work. Half of a million items would only cost memory here. */
const odd: readonly OddValue[] = [...encodable, ...refused, ...thrown].filter(({ name }) => !/more than stores/.test(name));

const job = defineJob(workModule<typeof work>(new URL('../fixtures/corpus-items.work.ts', import.meta.url)), {
  name: 'corpus-items',
  source: function* (): Generator<unknown> {
    for (const { make } of odd) {
      yield make();
      yield 'healthy';
    }
  },
  chunk: byCount(4),
  retry: { attempts: 1 },
});

/** Whether the item can be sent to a worker at all. */
function isClonable({ make }: OddValue): boolean {
  try {
    structuredClone(make());
    return true;
  } catch {
    return false;
  }
}

const clonable = odd.filter(isClonable).length;

for (const executor of executorNames) {
  test(
    `${executor}: ${odd.length} odd items, of which ${odd.length - clonable} can not be sent, among as many healthy ones`,
    () =>
      withEngine([job], executor, async (engine) => {
        const session = await engine.start(job, null);
        const outcome = await session.outcome();
        assert.is(outcome.status, 'completed', outcome.error?.message ?? '');
        assert.is(outcome.counts.items.total, odd.length * 2);
        const letters = await collect(session.deadLetters());
        const outputs = await collect(session.outputs());
        for (const { error } of letters) assert.is(error.category, 'unserializable', error.message);
        // An item's id is its position here: the odd ones stand at the even places.
        const healthy = letters.filter(({ itemId, items }) => Number(itemId) % 2 === 1 || items !== 1);
        assert.equal(healthy, []);
        assert.is(letters.length + outputs.length, odd.length * 2);
        // A process takes a few less than a thread: no shared memory, no error that is its own cause.
        const refusedHere = letters.length - (odd.length - clonable);
        assert.ok(executor === 'processes' ? refusedHere <= 3 : refusedHere === 0, `${refusedHere}`);
        checkPrototype(executor);
      }),
    { timeoutMs: 30_000 },
  );
}

test.run();
