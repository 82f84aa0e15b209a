import * as assert from 'uvu/assert';
import { inline } from '../../src/adapters/executors/inline.ts';
import { memory } from '../../src/adapters/stores/memory.ts';
import { byCount, byRange } from '../../src/model/chunkers.ts';
import { MillraceError, SessionError } from '../../src/model/errors.ts';
import { defineJob } from '../../src/model/job.ts';
import { defineWork, workModule } from '../../src/model/work.ts';
import type numbersWork from '../fixtures/numbers.work.ts';
import { collect, openWorld } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';
import { until } from '../support/turns.ts';

const test = suite('endings');

const once = { attempts: 1 };
const add = (left: number, right: number): number => left + right;
const same = defineWork({ each: (item: number) => item });
const odd = defineWork({
  each: (item: number) => {
    if (item % 2 === 0) throw new Error('even');
    return item;
  },
});
const numbers = (input: readonly number[]) => input;

async function errorOf(promise: Promise<unknown>): Promise<SessionError> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, SessionError);
    return error as SessionError;
  }
  throw new Error('It was expected to throw.');
}

test('an empty input completes at once: finalize is called with nothing combined', async () => {
  const seen: unknown[] = [];
  const job = defineJob(same, {
    name: 'empty',
    source: numbers,
    chunk: byCount(3),
    combine: add,
    finalize: ({ combined, counts }) => {
      seen.push(combined);
      return counts.items.total;
    },
  });
  const { engine } = await openWorld([job]);
  const outcome = await engine.run(job, []);
  assert.is(outcome.status, 'completed');
  assert.is(outcome.result, 0);
  assert.equal(seen, [undefined]);
  assert.is(outcome.counts.batches.total, 0);
  await engine.close();
});

test('an empty input of a job without finalize has the result undefined', async () => {
  const job = defineJob(same, { name: 'empty', source: numbers, chunk: byCount(3), combine: add });
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, []);
  assert.is(await session.result(), undefined);
  await engine.close();
});

test('a session of which nothing completed fails, and says what went wrong', async () => {
  const job = defineJob(odd, { name: 'all', source: numbers, chunk: byCount(1), retry: once });
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, [2, 4]);
  const outcome = await session.outcome();
  assert.is(outcome.status, 'failed');
  assert.is(outcome.error?.code, 'ALL_FAILED');
  assert.equal(outcome.failures, [{ message: 'even', category: 'error', items: 2, examples: ['0', '1'] }]);
  const error = await errorOf(session.result());
  assert.is(error.code, 'ALL_FAILED');
  assert.is(error.info.message, outcome.error?.message);
  await engine.close();
});

test('a session of which a part failed completes with the rest, as if the others had not been there', async () => {
  const job = defineJob(odd, { name: 'part', source: numbers, chunk: byCount(2), combine: add, retry: once });
  const { engine } = await openWorld([job]);
  const outcome = await engine.run(job, [1, 2, 3, 4, 5]);
  assert.is(outcome.status, 'completed');
  assert.is(outcome.result, 9);
  assert.is(outcome.counts.items.failed, 2);
  await engine.close();
});

test('a job that allows no partial result fails with the first item given up, and does not run the rest', async () => {
  let calls = 0;
  const work = defineWork({
    each: (item: number) => {
      calls++;
      if (item === 1) throw new Error('one');
      return item;
    },
  });
  const job = defineJob(work, { name: 'whole', source: numbers, chunk: byCount(1), retry: once, partial: 'forbid' });
  const { engine } = await openWorld([job]);
  const outcome = await engine.run(job, [1, ...Array(1_000).fill(2)]);
  assert.is(outcome.status, 'failed');
  assert.is(outcome.error?.code, 'PARTIAL_FORBIDDEN');
  assert.ok(calls < 100, `${calls} calls`);
  const { total, failed, completed, cancelled } = outcome.counts.batches;
  assert.is(failed + completed + cancelled, total);
  assert.ok(total < 100, `${total} batches were recorded`);
  await engine.close();
});

test('one start may allow what the job forbids', async () => {
  const job = defineJob(odd, { name: 'whole', source: numbers, chunk: byCount(1), retry: once, partial: 'forbid' });
  const { engine } = await openWorld([job]);
  assert.is((await engine.run(job, [1, 2], { partial: 'allow' })).status, 'completed');
  await engine.close();
});

test('a source that throws fails the session after what it gave has been cut', async () => {
  const job = defineJob(same, {
    name: 'torn',
    source: function* (_input: null) {
      yield* [1, 2, 3, 4, 5];
      throw new Error('torn off');
    },
    chunk: byCount(2),
    retry: once,
  });
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, null);
  const outcome = await session.outcome();
  assert.is(outcome.status, 'failed');
  assert.is(outcome.error?.code, 'SOURCE_FAILED');
  assert.is(outcome.error?.cause?.message, 'torn off');
  assert.match(outcome.error?.message ?? '', 'behind 4 items: torn off');
  assert.is(outcome.counts.batches.completed, 2, 'what was cut before settles first');
  assert.equal(await collect(session.outputs()), [1, 2, 3, 4]);
  assert.is((await errorOf(session.result())).code, 'SOURCE_FAILED');
  await engine.close();
});

test('a source that cannot be opened fails the session', async () => {
  const job = defineJob(same, {
    name: 'closed',
    source: (_input: null): number[] => {
      throw new Error('no such file');
    },
    chunk: byCount(2),
  });
  const { engine } = await openWorld([job]);
  const outcome = await engine.run(job, null);
  assert.is(outcome.error?.code, 'SOURCE_FAILED');
  assert.match(outcome.error?.message ?? '', 'no such file');
  await engine.close();
});

test('a source that goes back fails a session that is cut by range, and names the item', async () => {
  const job = defineJob(same, {
    name: 'unordered',
    source: numbers,
    chunk: byRange({ key: (item) => item, size: 10, overlap: 0 }),
  });
  const { engine } = await openWorld([job]);
  const outcome = await engine.run(job, [1, 2, 15, 3]);
  assert.is(outcome.error?.code, 'SOURCE_NOT_ORDERED');
  assert.match(outcome.error?.message ?? '', 'item 3 has 3 after 15');
  await engine.close();
});

test('finalize that fails by chance is tried again, under the same id', async () => {
  const ids: string[] = [];
  const job = defineJob(same, {
    name: 'shaky',
    source: numbers,
    chunk: byCount(2),
    retry: { attempts: 3, backoff: { base: '1s', type: 'fixed', jitter: false } },
    finalize: ({ finalizeId }) => {
      ids.push(finalizeId);
      if (ids.length < 3) throw new Error('not yet');
      return 'done';
    },
  });
  const { engine, clock } = await openWorld([job]);
  const session = await engine.start(job, [1]);
  await until('it was tried', () => ids.length === 1);
  await clock.advance(1_000);
  await until('it was tried again', () => ids.length === 2);
  await clock.advance(1_000);
  const outcome = await session.outcome();
  assert.is(outcome.result, 'done');
  assert.is(new Set(ids).size, 1);
  assert.is(outcome.finalizeId, ids[0]);
  await engine.close();
});

test('each try at finalize gets the same, whatever the one before did with it', async () => {
  const store = memory();
  const seen: unknown[] = [];
  const work = defineWork({ each: (item: number) => ({ list: [item], bytes: Uint8Array.of(item) }) });
  const job = defineJob(work, {
    name: 'wasteful',
    source: (input: { readonly items: number[] }) => input.items,
    chunk: byCount(1),
    // Keeps the bytes of its left side: a view on what the store keeps.
    combine: (left, right) => ({ list: [...left.list, ...right.list], bytes: left.bytes }),
    retry: { backoff: { base: '1s', type: 'fixed', jitter: false } },
    finalize: ({ input, combined }) => {
      seen.push({ items: [...input.items], list: [...(combined?.list ?? [])], bytes: [...(combined?.bytes ?? [])] });
      input.items.pop();
      combined?.list.pop();
      combined?.bytes.fill(0);
      if (seen.length === 1) throw new Error('sink is down');
      return 'done';
    },
  });
  const { engine, clock } = await openWorld([job], { store });
  const session = await engine.start(job, { items: [3, 1, 2] });
  await until('it was tried', () => seen.length === 1);
  await clock.advance(1_000);
  assert.is(await session.result(), 'done');
  const given = { items: [3, 1, 2], list: [3, 1, 2], bytes: [3] };
  assert.equal(seen, [given, given]);
  assert.equal(
    (await collect(session.outputs())).map(({ bytes }) => [...bytes]),
    [[3], [1], [2]],
    'the outputs are what they were',
  );
  await engine.close();
});

test('finalize that fails for good fails the session; the outputs are kept', async () => {
  const job = defineJob(same, {
    name: 'broken',
    source: numbers,
    chunk: byCount(2),
    retry: once,
    finalize: () => {
      throw new Error('disk full');
    },
  });
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, [1, 2, 3]);
  const outcome = await session.outcome();
  assert.is(outcome.error?.code, 'FINALIZE_FAILED');
  assert.is(outcome.error?.cause?.message, 'disk full');
  assert.equal(await collect(session.outputs()), [1, 2, 3]);
  await engine.close();
});

test('a result that cannot be stored fails the session, naming its path', async () => {
  const job = defineJob(same, {
    name: 'odd',
    source: numbers,
    chunk: byCount(2),
    finalize: () => ({ when: new Date(0) }),
  });
  const { engine } = await openWorld([job]);
  const outcome = await engine.run(job, [1]);
  assert.is(outcome.status, 'failed');
  assert.is(outcome.error?.code, 'FINALIZE_FAILED');
  assert.match(outcome.error?.message ?? '', 'when');
  await engine.close();
});

test('finalize reads every output, as often as it likes', async () => {
  const job = defineJob(same, {
    name: 'outputs',
    source: numbers,
    chunk: byCount(2),
    finalize: async ({ outputs, input }) => [await collect(outputs), await collect(outputs), input],
  });
  const { engine } = await openWorld([job]);
  assert.equal((await engine.run(job, [1, 2, 3])).result, [
    [1, 2, 3],
    [1, 2, 3],
    [1, 2, 3],
  ]);
  await engine.close();
});

test('a single chunk runs inline: no pool is asked for', async () => {
  const job = defineJob(workModule<typeof numbersWork>(new URL('../fixtures/numbers.work.ts', import.meta.url)), {
    name: 'single',
    source: numbers,
    chunk: byCount(10),
    combine: add,
  });
  const ran: string[] = [];
  const { engine } = await openWorld([job], {
    executor: 'threads',
    executors: (name, slots) => {
      const executor = inline({ slots });
      const run: typeof executor.run = (group, hooks) => {
        ran.push(name);
        return executor.run(group, hooks);
      };
      return { ...executor, run };
    },
  });
  assert.is((await engine.run(job, [1, 2, 3])).result, 6);
  assert.equal(ran, ['inline']);
  assert.is((await engine.run(job, Array(50).fill(1))).result, 50);
  assert.ok(ran.includes('threads'));
  await engine.close();
});

test('a work that cannot be loaded is an error of the start: nothing is recorded', async () => {
  const absent = workModule<typeof same>(new URL('../fixtures/absent.work.ts', import.meta.url));
  const job = defineJob(absent, { name: 'absent', source: numbers, chunk: byCount(1) });
  const { engine } = await openWorld([job]);
  try {
    await engine.start(job, [1]);
    assert.unreachable();
  } catch (error) {
    assert.is((error as MillraceError).code, 'WORK_MODULE');
  }
  assert.equal(await collect(engine.sessions()), []);
  await engine.close();
});

test('a job that is not registered cannot be started, and the error lists those that are', async () => {
  const known = defineJob(same, { name: 'known', source: numbers, chunk: byCount(1) });
  const unknown = defineJob(same, { name: 'unknown', source: numbers, chunk: byCount(1) });
  const { engine } = await openWorld([known]);
  try {
    await engine.start(unknown, [1]);
    assert.unreachable();
  } catch (error) {
    assert.is((error as MillraceError).code, 'JOB_NOT_REGISTERED');
    assert.match((error as MillraceError).message, 'known');
  }
  await engine.close();
});

test('two jobs of one name are refused', async () => {
  const job = defineJob(same, { name: 'twice', source: numbers, chunk: byCount(1) });
  try {
    await openWorld([job, job]);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, MillraceError);
    assert.is((error as MillraceError).code, 'DUPLICATE_JOB');
  }
});

test.run();
