import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { defineJob } from '../../src/model/job.ts';
import type { Store } from '../../src/model/store.ts';
import { defineWork } from '../../src/model/work.ts';
import { openWorld, shared } from '../support/engine-world.ts';
import { manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';
import { until } from '../support/turns.ts';

const test = suite('resumed source');

test('a chunk that was recorded is not cut again when the source fails right behind it', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  let isStuck = true;
  const job = defineJob(defineWork({ each: (item: number) => item }), {
    name: 'breaks',
    source: async function* (input: readonly number[]) {
      yield* input.slice(0, 2);
      if (isStuck) await new Promise<never>(() => undefined);
      throw new Error('the disk is gone');
    },
    chunk: byCount(2),
    combine: (left, right) => left + right,
  });
  const first = await openWorld([job], { clock, store });
  const session = await first.engine.start(job, [1, 2, 3]);
  await until('the first chunk has completed', async () => {
    await clock.advance(20);
    return (await session.state()).counts.batches.completed === 1;
  });
  await first.engine.close();
  isStuck = false;
  const enqueued: number[] = [];
  const watched: Store = {
    ...store,
    commit(commit) {
      for (const { enqueue } of commit.sessions) enqueued.push(...(enqueue?.batches ?? []).map(({ number }) => number));
      return store.commit(commit);
    },
  };
  const second = await openWorld([job], { clock, store: watched });
  const { resumed } = await second.engine.resume();
  const outcome = await resumed[0]?.outcome();
  assert.equal([outcome?.status, outcome?.error?.code], ['failed', 'SOURCE_FAILED']);
  assert.equal(enqueued, []);
  assert.not.ok(second.lines.some(({ message }) => message.includes('skipped')));
  await second.engine.close();
});

test.run();
