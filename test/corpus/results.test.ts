import * as assert from 'uvu/assert';
import type { Engine } from '../../src/engine/api/api.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { encode, hashOf } from '../../src/model/codec.ts';
import { errorLimits } from '../../src/model/error-info.ts';
import type { ErrorInfo } from '../../src/model/errors.ts';
import { defineJob } from '../../src/model/job.ts';
import type { DeadLetter } from '../../src/model/outcome.ts';
import { workModule } from '../../src/model/work.ts';
import type corpusWork from '../fixtures/corpus.work.ts';
import type { Task } from '../fixtures/corpus.work.ts';
import type corpusChunks from '../fixtures/corpus-chunks.work.ts';
import { checkPrototype } from '../security/support.ts';
import { collect } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';
import { executorNames, withEngine } from './executors.ts';
import { thrown } from './thrown.ts';
import { encodable, refused } from './values.ts';

const test = suite('corpus: what work returns and throws');

const retry = { attempts: 1 };
const finalize = ({ outputs }: { outputs: AsyncIterable<unknown> }): Promise<number> =>
  collect(outputs).then((all) => all.length);

const items = defineJob(workModule<typeof corpusWork>(new URL('../fixtures/corpus.work.ts', import.meta.url)), {
  name: 'corpus',
  source: (input: readonly Task[]) => input,
  chunk: byCount(5),
  itemId: (task) => task,
  retry,
  finalize,
});

const chunks = defineJob(workModule<typeof corpusChunks>(new URL('../fixtures/corpus-chunks.work.ts', import.meta.url)), {
  name: 'corpus-chunks',
  source: (input: readonly Task[]) => input,
  chunk: byCount(1),
  itemId: (task) => task,
  retry,
  finalize,
});

const values = [...encodable, ...refused];

/** A session of the acts, with a healthy item behind each of them. */
async function run(
  engine: Engine,
  job: typeof items,
  acts: readonly Task[],
): Promise<{ letters: DeadLetter[]; outputs: unknown[] }> {
  const session = await engine.start(
    job,
    acts.flatMap((act): Task[] => [act, 'healthy']),
  );
  const outcome = await session.outcome();
  assert.is(outcome.status, 'completed', outcome.error?.message ?? '');
  assert.is(outcome.counts.items.total, acts.length * 2);
  const letters = await collect(session.deadLetters());
  const outputs = await collect(session.outputs());
  assert.is(outputs.filter((output) => output === 'healthy').length, acts.length, 'every healthy item is completed');
  assert.is(outcome.counts.items.failed, letters.length);
  return { letters, outputs: outputs.filter((output) => output !== 'healthy') };
}

const acts = (act: string, list: readonly unknown[]): Task[] => list.map((_, index) => `${act} ${index}` as Task);

/** An error as it may be kept and shown, whatever was thrown. */
function checkError(error: ErrorInfo, name: string): void {
  assert.type(error.message, 'string', name);
  assert.ok(error.message.length <= errorLimits.message && error.name.length <= errorLimits.name, name);
  assert.ok(['error', 'permanent', 'unserializable'].includes(error.category), `${name}: ${error.category}`);
  assert.equal(JSON.parse(JSON.stringify(error)), error, name);
}

for (const executor of executorNames) {
  for (const [kind, job, returning] of [
    ['items', items, ['return', 'resolve']],
    ['chunks', chunks as unknown as typeof items, ['return']],
  ] as const) {
    for (const act of returning) {
      test(`${executor}, ${kind}: ${act} ${values.length} values, of which ${refused.length} are refused by name`, () =>
        withEngine([items, chunks], executor, async (engine) => {
          const { letters, outputs } = await run(engine, job, acts(act, values));
          const dead = letters.map(({ itemId }) => values[Number(itemId.split(' ')[1])]?.name);
          assert.equal(
            dead,
            refused.map(({ name }) => name),
          );
          for (const { error, itemId } of letters) {
            checkError(error, itemId);
            assert.ok(error.code === 'NOT_ENCODABLE' || /a trap|proxy/.test(error.message), `${itemId}: ${error.message}`);
          }
          assert.is(outputs.length, encodable.length);
          const changed = encodable.filter(({ make }, index) => hashOf(encode(outputs[index])) !== hashOf(encode(make())));
          assert.equal(
            changed.map(({ name }) => name),
            [],
          );
          checkPrototype(`${executor} ${kind} ${act}`);
        }));
    }

    for (const act of ['throw', 'reject']) {
      test(`${executor}, ${kind}: ${act} ${thrown.length} things, each of which is one dead letter`, () =>
        withEngine([items, chunks], executor, async (engine) => {
          const { letters, outputs } = await run(engine, job, acts(act, thrown));
          assert.equal(
            letters.map(({ itemId }) => itemId),
            acts(act, thrown),
          );
          assert.equal(outputs, []);
          for (const { error, itemId } of letters) checkError(error, thrown[Number(itemId.split(' ')[1])]?.name ?? itemId);
          checkPrototype(`${executor} ${kind} ${act}`);
        }));
    }
  }
}

test.run();
