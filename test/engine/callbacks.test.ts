import * as assert from 'uvu/assert';
import { inline } from '../../src/adapters/executors/inline.ts';
import { byCount } from '../../src/model/chunkers.ts';
import type { Executor, Reply } from '../../src/model/executor.ts';
import { defineJob, type RetryPolicy } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { collect, openWorld } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';
import { until } from '../support/turns.ts';

const test = suite('callbacks of a job');

const once: RetryPolicy = { attempts: 1 };

/** What a job in plain JavaScript may give where its types promise text. */
const asText = (value: unknown): string => value as string;

interface Row {
  readonly id?: string;
  readonly bad?: boolean;
}

/** A job over rows of which the bad ones fail. */
function rowsJob(options: { itemId?: (row: Row) => string; taskId?: (row: Row) => string; retry?: RetryPolicy }) {
  const work = defineWork({
    each: (row: Row) => {
      if (row.bad) throw new Error('bad row');
      return 1;
    },
  });
  return defineJob(work, { name: 'rows', source: (input: readonly Row[]) => input, chunk: byCount(1), ...options });
}

const goodAndBad: readonly Row[] = [{ id: 'one' }, { bad: true }];

for (const first of ['retry', 'permanent'] as const) {
  test(`an item is either tried again or given up, also when the job keeps count in classify: ${first} first`, async () => {
    let asked = 0;
    let tries = 0;
    const other = first === 'retry' ? 'permanent' : 'retry';
    const work = defineWork({
      each: (item: number) => {
        if (item === 1 && tries++ === 0) throw new Error('once');
        return item;
      },
    });
    const job = defineJob(work, {
      name: 'counting',
      source: (input: readonly number[]) => input,
      chunk: byCount(3),
      retry: { attempts: 3, backoff: { base: 0 }, classify: () => (asked++ % 2 === 0 ? first : other) },
    });
    const { engine, clock } = await openWorld([job]);
    const session = await engine.start(job, [0, 1, 2]);
    let ended = false;
    const outcome = session.outcome().finally(() => {
      ended = true;
    });
    await until('it has ended', async () => {
      await clock.advance(1);
      return ended;
    });
    const { counts } = await outcome;
    assert.is(asked, 1);
    const failed = first === 'retry' ? 0 : 1;
    assert.equal(counts.items, { total: 3, completed: 3 - failed, failed, cancelled: 0 });
    assert.is((await collect(session.deadLetters())).length, failed);
    await engine.close();
  });
}

test('an error on which classify throws is permanent, and both errors are told', async () => {
  const classify = (): never => {
    throw new Error('no idea');
  };
  const job = rowsJob({ retry: { attempts: 3, classify } });
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, goodAndBad);
  const { status, counts } = await session.outcome();
  assert.is(status, 'completed');
  assert.is(counts.items.failed, 1);
  const [letter] = await collect(session.deadLetters());
  assert.is(letter?.error.message, 'retry.classify of job rows threw (no idea) on: bad row');
  assert.is(letter?.error.category, 'permanent');
  assert.is(letter?.error.cause?.message, 'bad row');
  assert.is(letter?.attempts, 1);
  await engine.close();
});

for (const [what, itemId] of [
  ['throws', ({ id }: Row) => asText(id?.toString().toLowerCase() ?? assert.unreachable('no id'))],
  ['gives no text', ({ id }: Row) => asText(id)],
  ['gives an empty text', () => ''],
] as const) {
  test(`an item for which itemId ${what} is named by its position`, async () => {
    const job = rowsJob({ retry: once, itemId });
    const { engine, lines } = await openWorld([job]);
    const session = await engine.start(job, goodAndBad);
    assert.is((await session.outcome()).status, 'completed');
    const [letter] = await collect(session.deadLetters());
    assert.is(letter?.itemId, '1');
    assert.is(letter?.error.message, 'bad row');
    assert.ok(lines.some(({ message }) => message === 'item is named by its position'));
    await engine.close();
  });
}

test('what goes wrong while the replies in a message are taken in fails the session; the host lives on', async () => {
  const job = rowsJob({});
  const executors = (_: unknown, slots: number): Executor => {
    const inner = inline({ slots });
    return {
      ...inner,
      run: async (group, io) => {
        const replies: Reply[] = [];
        const report = await inner.run(group, { ...io, onReplies: (some) => void replies.push(...some) });
        // As a port does it: nobody is there to catch.
        await new Promise<void>((resolve) => {
          setImmediate(() => {
            resolve();
            io.onReplies?.([...replies, ...report.replies]);
          });
        });
        return { ...report, replies: [] };
      },
    };
  };
  const random = (): never => {
    throw new Error('no chance');
  };
  const { engine } = await openWorld([job], { executors, random });
  const { status, error } = await engine.run(job, [{ bad: true }, { id: 'one' }]);
  assert.equal([status, error?.message], ['failed', 'no chance']);
  await engine.close();
});

test('a task id that is no text fails the session, naming the callback', async () => {
  const job = rowsJob({ taskId: ({ id }) => asText(id) });
  const { engine } = await openWorld([job]);
  const { status, error, counts } = await engine.run(job, goodAndBad);
  assert.is(status, 'failed');
  assert.match(error?.message ?? '', 'rows: taskId must be a text that is not empty; it is undefined');
  assert.is(error?.code, 'INVALID_OPTION');
  assert.is(counts.items.completed, 1, 'what was cut before it ends first');
  await engine.close();
});

test('a key or a fingerprint that is no text is an error of the start, naming it: nothing is recorded', async () => {
  const work = defineWork({ each: (item: number) => item });
  const parts = { name: 'keyed', source: (input: number) => [input], chunk: byCount(1) };
  const cases = [
    { job: defineJob(work, { ...parts, key: (input: number) => asText(input) }), options: {}, says: 'keyed: key must be' },
    { job: defineJob(work, { ...parts, fingerprint: () => asText(null) }), options: {}, says: 'keyed: fingerprint must be' },
    { job: defineJob(work, parts), options: { key: '' }, says: 'key must be' },
  ];
  for (const { job, options, says } of cases) {
    const { engine } = await openWorld([job]);
    const error = await engine.start(job, 5, options).then(
      () => undefined,
      (thrown: Error & { code?: string }) => thrown,
    );
    assert.is(error?.code, 'INVALID_OPTION');
    assert.match(error?.message ?? '', says);
    assert.is((await collect(engine.sessions())).length, 0);
    await engine.close();
  }
});

test('slices that nobody could read count as one item each, given up', async () => {
  const work = defineWork({
    read: (slice: number): number[] => {
      if (slice > 0) throw new Error('no such file');
      return [1, 2, 3];
    },
    each: (item: number) => item,
  });
  const job = defineJob(work, { name: 'unreadable', slices: (input: readonly number[]) => input, retry: once });
  const { engine } = await openWorld([job]);
  const { counts } = await engine.run(job, [0, 1, 2]);
  assert.equal(counts.items, { total: 5, completed: 3, failed: 2, cancelled: 0 });
  await engine.close();
});

test.run();
