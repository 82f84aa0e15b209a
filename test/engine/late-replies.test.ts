import * as assert from 'uvu/assert';
import { byCount } from '../../src/model/chunkers.ts';
import { encode } from '../../src/model/codec.ts';
import type { Executor, Reply, RunHooks } from '../../src/model/executor.ts';
import { defineJob } from '../../src/model/job.ts';
import { defineWork, workModule } from '../../src/model/work.ts';
import { openWorld } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';
import { turns, until } from '../support/turns.ts';

const test = suite('late replies');

const numbers = defineWork({ each: (item: number) => item });

/** A worker that ends its first group without a word, and has more to say once the second one is under way. */
function slowOfSpeech(): { executor: Executor; late(): void } {
  const hooksOf: RunHooks[] = [];
  const reply: Reply = { number: 0, items: 1, output: encode([1]), failures: [], ms: 1 };
  return {
    executor: {
      name: 'slow of speech',
      slots: 1,
      supports: { kill: true },
      load: async () => ({ kind: 'each', reads: false }),
      async run(_, hooks) {
        hooksOf.push(hooks);
        if (hooksOf.length === 1) return { replies: [] };
        await turns(20);
        return { replies: [reply] };
      },
      close: async () => undefined,
    },
    late: () => hooksOf[0]?.onReplies([reply]),
  };
}

test('what a worker says after the end of its group is no answer for a later claim', async () => {
  const { executor, late } = slowOfSpeech();
  const job = defineJob(workModule<typeof numbers>(new URL('file:///numbers.work.ts')), {
    name: 'numbers',
    source: (input: readonly number[]) => input,
    chunk: byCount(1),
    combine: (left, right) => left + right,
    retry: { attempts: 2, backoff: { type: 'fixed', base: 10, jitter: false } },
  });
  const { engine, clock } = await openWorld([job], { executor: 'threads', executors: () => executor });
  const session = await engine.start(job, [1]);
  await until('it runs again', async () => {
    await clock.advance(5);
    const { counts } = await session.state();
    return (
      counts.batches.running === 1 &&
      (await engine.store.listAttempts({ sessionId: session.id, after: 0, limit: 9 })).length === 1
    );
  });
  late();
  await until('it has ended', async () => {
    await clock.advance(10);
    return (await session.state()).status !== 'running';
  });
  assert.is(await session.result(), 1);
  const attempts = await engine.store.listAttempts({ sessionId: session.id, after: 0, limit: 9 });
  assert.equal(
    attempts.map(({ outcome }) => outcome),
    ['crashed.waiting', 'completed'],
  );
  assert.is((await engine.store.listOutputs({ sessionId: session.id, from: 0, to: 0, limit: 9 })).length, 1);
  await engine.close();
});

test.run();
