import * as assert from 'uvu/assert';
import { defineJob, type Job } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { collect, openWorld } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';
import { until } from '../support/turns.ts';

const test = suite('slices that are read again');

type Read = readonly string[];

/** A job of one slice; each reading of it gives the next of these lists. Item `b` fails the first time. */
function rereadJob(kind: 'each' | 'chunk', reads: readonly (Read | Error)[]) {
  let times = 0;
  const refuse = (item: string): void => {
    if (item === 'b' && times === 1) throw new Error('the first time');
  };
  const read = function* (_: number): Generator<string> {
    const given = reads[times++] ?? [];
    if (given instanceof Error) throw given;
    yield* given;
  };
  const each = (item: string): string => {
    refuse(item);
    return item;
  };
  const chunk = ({ items }: { items: Read }): Read => items.map(each);
  const backoff = { type: 'fixed', base: '1s', jitter: false } as const;
  const plan = { name: 'reread', slices: () => [0], retry: { attempts: 3, backoff } };
  return kind === 'each' ? defineJob(defineWork({ read, each }), plan) : defineJob(defineWork({ read, chunk }), plan);
}

async function run(kind: 'each' | 'chunk', reads: readonly (Read | Error)[]) {
  const job: Job<unknown, unknown, unknown> = rereadJob(kind, reads);
  const { engine, clock } = await openWorld([job]);
  const session = await engine.start(job, undefined);
  for (let attempt = 1; attempt < reads.length; attempt++) {
    await until(`attempt ${attempt} has ended`, async () => {
      const attempts = await engine.store.listAttempts({ sessionId: session.id, after: 0, limit: 10 });
      return attempts.length >= attempt;
    });
    await clock.advance(1_000);
  }
  const outcome = await session.outcome();
  const outputs = await collect(session.outputs());
  await engine.close();
  return { outcome, outputs };
}

for (const kind of ['each', 'chunk'] as const) {
  test(`${kind}: the same items are run again, and the batch completes`, async () => {
    const { outcome, outputs } = await run(kind, [
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
    assert.is(outcome.status, 'completed');
    assert.equal(outputs.flat(), ['a', 'b', 'c']);
    assert.equal(outcome.counts.items, { total: 3, completed: 3, failed: 0, cancelled: 0 });
  });

  for (const [what, second] of [
    ['fewer', ['a']],
    ['others', ['b', 'c']],
    ['the same in another order', ['b', 'a', 'c']],
    ['more', ['a', 'b', 'c', 'd']],
    ['none', []],
  ] as const) {
    test(`${kind}: a second reading that gives ${what} fails the session, and nothing of it counts`, async () => {
      const { outcome, outputs } = await run(kind, [['a', 'b', 'c'], second]);
      assert.is(outcome.status, 'failed');
      assert.is(outcome.error?.code, 'INPUT_CHANGED');
      assert.equal(outputs.flat(), kind === 'each' ? ['a', 'c'] : []);
    });
  }

  test(`${kind}: a second reading that fails half-way is tried again, and the count of items stays`, async () => {
    const { outcome, outputs } = await run(kind, [['a', 'b', 'c'], new Error('not now'), ['a', 'b', 'c']]);
    assert.is(outcome.status, 'completed');
    assert.equal(outputs.flat(), ['a', 'b', 'c']);
    assert.equal(outcome.counts.items, { total: 3, completed: 3, failed: 0, cancelled: 0 });
  });
}

test.run();
