import * as assert from 'uvu/assert';
import { checkReplies } from '../../src/adapters/executors/check-replies.ts';
import { inline } from '../../src/adapters/executors/inline.ts';
import { threads } from '../../src/adapters/executors/threads.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { errorInfo, errorLimits } from '../../src/model/error-info.ts';
import type { ErrorInfo } from '../../src/model/errors.ts';
import type { Task } from '../../src/model/executor.ts';
import { defineJob } from '../../src/model/job.ts';
import { workModule } from '../../src/model/work.ts';
import type work from '../fixtures/floods.work.ts';
import { collect, openWorld } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';

const test = suite('what one piece can use up');

const job = defineJob(workModule<typeof work>(new URL('../fixtures/floods.work.ts', import.meta.url)), {
  name: 'floods',
  source: (input: string[]) => input,
  chunk: byCount(1),
  retry: { attempts: 1 },
});

function sizesOf(error: ErrorInfo): { causes: number; longest: number; details: number; bytes: number } {
  let causes = 0;
  for (let cause = error.cause; cause; cause = cause.cause) causes++;
  const longest = Math.max(error.message.length, error.name.length, error.code?.length ?? 0);
  return { causes, longest, details: Object.keys(error.details ?? {}).length, bytes: JSON.stringify(error).length };
}

for (const [name, open] of Object.entries({ inline: () => inline({ slots: 1 }), threads: () => threads({ workers: 1 }) })) {
  test(`${name}: an error takes at most 200 KB in a store, with 5 causes and 20 details`, async () => {
    const { engine, lines } = await openWorld([job], { executor: name as 'inline', executors: open });
    const session = await engine.start(job, ['floods', 'fine']);
    const outcome = await session.outcome();
    const [letter] = await collect(session.deadLetters());
    assert.is(outcome.counts.items.completed, 1);
    const { causes, longest, details, bytes } = sizesOf(letter?.error as ErrorInfo);
    assert.equal([causes, longest, details], [errorLimits.causes, errorLimits.message, 20]);
    assert.ok(bytes < 200_000, `${bytes}`);
    assert.ok((outcome.failures[0]?.message.length ?? 0) <= errorLimits.message);
    await engine.close();
    // In place, and in a module that runs inline, log lines go straight to the logger.
    if (name === 'inline') return;
    const told = lines.filter(({ facts }) => 'facts' in facts || 'long' in facts);
    assert.is(told.length, 2);
    for (const { facts, message } of told) {
      assert.ok(message.length <= 8 * 1024 && JSON.stringify(facts).length <= 17 * 1024, `${message.length}`);
    }
  });
}

test('an error that a worker says is larger than errors get is not believed', () => {
  const task: Task = { number: 0, taskId: null, attempt: 1, input: { type: 'items', items: [1], before: [], after: [] } };
  const accepted = (error: unknown): number =>
    checkReplies(
      {
        numbers: [0],
        items: [1],
        outputs: [null],
        ms: [0],
        hashes: [],
        places: [],
        failures: [],
        errors: [[0, error]],
        counters: [],
      },
      new Map([[0, task]]),
    ).length;
  const honest = errorInfo(new Error('x'.repeat(100_000)));
  assert.is(accepted(honest), 1);
  assert.is(accepted({ ...honest, message: 'x'.repeat(errorLimits.message + 1) }), 0);
  assert.is(accepted({ ...honest, stack: 'x'.repeat(errorLimits.stack + 1) }), 0);
  assert.is(accepted({ ...honest, name: 'x'.repeat(errorLimits.name + 1) }), 0);
  let deep: object = honest;
  for (let depth = 0; depth < 20_000; depth++) deep = { ...honest, cause: deep };
  assert.is(accepted(deep), 0);
});

test('a chunk has at most a million items, however it is asked for', () => {
  assert.throws(() => byCount(1_000_001), /1 to 1,000,000/);
});

test.run();
