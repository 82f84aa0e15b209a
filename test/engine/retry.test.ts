import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import { backoffMs } from '../../src/engine/run/retry.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { PermanentError, RetryError } from '../../src/model/errors.ts';
import { defineJob, type RetryPolicy } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { collect, openWorld } from '../support/engine-world.ts';
import { manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';
import { turns, until } from '../support/turns.ts';

const test = suite('retry');

const once: RetryPolicy = { attempts: 1 };
const everySecond: RetryPolicy = { attempts: 3, backoff: { type: 'fixed', base: '1s', jitter: false } };

/** A job over numbers whose `each` does what the test says, and notes what it was called with. */
function eachJob(each: (item: number, attempt: number) => number, retry: RetryPolicy, size = 4) {
  const calls: number[] = [];
  const work = defineWork({
    each: (item: number, { attempt }) => {
      calls.push(item);
      return each(item, attempt);
    },
  });
  const job = defineJob(work, {
    name: 'numbers',
    source: (input: readonly number[]) => input,
    chunk: byCount(size),
    itemId: (item) => `n${item}`,
    retry,
  });
  return { job, calls };
}

const oneToEight = [1, 2, 3, 4, 5, 6, 7, 8];

test('a bad item fails alone: its batch goes on', async () => {
  const { job } = eachJob((item) => {
    if (item === 3) throw new Error('no 3');
    return item;
  }, once);
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, oneToEight);
  const { status, counts } = await session.outcome();
  assert.is(status, 'completed');
  assert.equal(counts.items, { total: 8, completed: 7, failed: 1, cancelled: 0 });
  assert.is(counts.batches.completed, 2);
  assert.equal(await collect(session.outputs()), [1, 2, 4, 5, 6, 7, 8]);
  const [letter] = await collect(session.deadLetters());
  assert.is(letter?.itemId, 'n3');
  assert.is(letter?.error.message, 'no 3');
  assert.is(letter?.attempts, 1);
  await engine.close();
});

test('a due retry that the store refuses is looked for again after a pause, not without one', async () => {
  const { job } = eachJob((item, attempt) => {
    if (attempt === 1) throw new Error('not yet');
    return item;
  }, everySecond);
  const clock = manualClock();
  const store = memory({ clock });
  let refuses = false;
  let looks = 0;
  const { engine } = await openWorld([job], {
    clock,
    store: {
      ...store,
      listBatches(filter) {
        if (filter.dueBy !== undefined) looks++;
        return store.listBatches(filter);
      },
      commit({ owner, sessions }) {
        return store.commit({ owner, sessions: refuses ? sessions.map(({ claim: _, ...rest }) => rest) : sessions });
      },
    },
  });
  const session = await engine.start(job, [1]);
  await until('it waits', async () => (await session.state()).counts.batches.failed === 1);
  refuses = true;
  await clock.advance(1_000);
  for (let ms = 0; ms < 200; ms++) {
    await turns(5);
    await clock.advance(1);
  }
  assert.ok(looks > 2 && looks <= 12, `${looks} looks in 200 ms`);
  refuses = false;
  await clock.advance(1_000);
  assert.is((await session.outcome()).status, 'completed');
  await engine.close();
});

test('own properties of an error decide on a retry, and stay with the dead letter', async () => {
  const { job, calls } = eachJob(
    (item) => {
      throw Object.assign(new Error('refused'), { status: item === 1 ? 503 : 404, code: 'EBAD' });
    },
    { ...everySecond, attempts: 2, classify: ({ details }) => (details?.status === 503 ? 'retry' : 'permanent') },
    1,
  );
  const { engine, clock } = await openWorld([job]);
  const session = await engine.start(job, [1, 2]);
  await until('one waits', async () => (await session.state()).counts.batches.failed === 1 && calls.length === 2);
  await clock.advance(1_000);
  await session.outcome();
  assert.equal([...calls].sort(), [1, 1, 2]);
  const letters = await collect(session.deadLetters());
  assert.equal(
    letters.map(({ error }) => [error.details, error.code]),
    [
      [{ status: 503 }, 'EBAD'],
      [{ status: 404 }, 'EBAD'],
    ],
  );
  await engine.close();
});

test('a retry runs only the items that failed, and their outputs come in their places', async () => {
  const { job, calls } = eachJob((item, attempt) => {
    if (attempt < 3 && item % 2 === 0) throw new Error('later');
    return item * 10;
  }, everySecond);
  const { engine, clock } = await openWorld([job]);
  const session = await engine.start(job, oneToEight);
  await until('both batches wait', async () => (await session.state()).counts.batches.failed === 2);
  assert.equal(calls, oneToEight);
  await clock.advance(1_000);
  await until('they wait again', () => calls.length === 12);
  await clock.advance(1_000);
  const outcome = await session.outcome();
  assert.equal(calls.slice(8).sort(), [2, 2, 4, 4, 6, 6, 8, 8]);
  assert.is(outcome.counts.items.completed, 8);
  assert.is(outcome.counts.items.failed, 0);
  assert.equal(await collect(session.outputs()), [10, 20, 30, 40, 50, 60, 70, 80]);
  await engine.close();
});

test('an item that fails in every attempt is given up with its last error, and how often it was tried', async () => {
  const { job, calls } = eachJob((item, attempt) => {
    if (item === 2) throw new Error(`try ${attempt}`);
    return item;
  }, everySecond);
  const { engine, clock } = await openWorld([job]);
  const session = await engine.start(job, [1, 2]);
  for (const tries of [2, 3, 4]) {
    await until(`${tries} calls`, () => calls.length === tries);
    await until('nothing runs', async () => (await session.state()).counts.batches.running === 0);
    await clock.advance(1_000);
  }
  const outcome = await session.outcome();
  assert.is(outcome.status, 'completed');
  assert.equal(outcome.failures, [{ message: 'try 3', category: 'error', items: 1, examples: ['n2'] }]);
  const letters = await collect(session.deadLetters());
  assert.is(letters[0]?.attempts, 3);
  assert.is(letters[0]?.error.message, 'try 3');
  assert.is(letters[0]?.taskId, `numbers:${session.key}#0`);
  await engine.close();
});

test('an error that says it is permanent is not tried again', async () => {
  const { job, calls } = eachJob((item) => {
    if (item === 1) throw new PermanentError('never');
    return item;
  }, everySecond);
  const { engine } = await openWorld([job]);
  const outcome = await engine.run(job, [1, 2]);
  assert.equal(calls, [1, 2]);
  assert.is(outcome.failures[0]?.category, 'permanent');
  await engine.close();
});

test('what the job calls permanent is not tried again, and what it calls chance is', async () => {
  const classify: RetryPolicy['classify'] = (error) => (error.message === 'gone' ? 'permanent' : 'retry');
  const { job, calls } = eachJob(
    (item, attempt) => {
      if (item === 1) throw new Error('gone');
      if (item === 2 && attempt === 1) throw new PermanentError('looks permanent');
      return item;
    },
    { ...everySecond, classify },
  );
  const { engine, clock } = await openWorld([job]);
  const session = await engine.start(job, [1, 2, 3]);
  await until('the batch waits', async () => (await session.state()).counts.batches.failed === 1);
  await clock.advance(1_000);
  const { counts } = await session.outcome();
  assert.equal(calls, [1, 2, 3, 2]);
  assert.is(counts.items.failed, 1);
  await engine.close();
});

test('an error that says when, is tried again then and not before', async () => {
  const { job, calls } = eachJob((item, attempt) => {
    if (attempt === 1) throw new RetryError('busy', { after: '90s' });
    return item;
  }, everySecond);
  const { engine, clock } = await openWorld([job]);
  const session = await engine.start(job, [1]);
  await until('the batch waits', async () => (await session.state()).counts.batches.failed === 1);
  await clock.advance(89_999);
  assert.equal(calls, [1]);
  await clock.advance(1);
  assert.is((await session.outcome()).status, 'completed');
  assert.equal(calls, [1, 1]);
  await engine.close();
});

test('chunk work that throws fails its batch, which runs again as a whole', async () => {
  let calls = 0;
  const work = defineWork({
    chunk: ({ items }: { items: readonly number[] }, { attempt }) => {
      calls++;
      if (attempt === 1) throw new Error('chunk');
      return items.length;
    },
  });
  const job = defineJob(work, {
    name: 'chunks',
    source: (input: number[]) => input,
    chunk: byCount(2),
    combine: (left, right) => left + right,
    retry: everySecond,
  });
  const { engine, clock } = await openWorld([job]);
  const session = await engine.start(job, [1, 2, 3]);
  await until('both wait', async () => (await session.state()).counts.batches.failed === 2);
  await clock.advance(1_000);
  assert.is(await session.result(), 3);
  assert.is(calls, 4);
  await engine.close();
});

test('chunk work that fails for good, and is not to be taken apart, is one dead letter, which names its first and last item', async () => {
  const work = defineWork({
    chunk: ({ items }: { items: readonly number[] }): number => {
      if (items.includes(3)) throw new Error('three');
      return items.length;
    },
  });
  const job = defineJob(work, {
    name: 'chunks',
    source: (input: number[]) => input,
    chunk: byCount(2),
    retry: once,
    poison: 'fail',
  });
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, [1, 2, 3, 4]);
  const { counts, failures } = await session.outcome();
  assert.equal(counts.items, { total: 4, completed: 2, failed: 2, cancelled: 0 });
  const [letter] = await collect(session.deadLetters());
  assert.is(letter?.itemId, '2..3');
  assert.is(letter?.items, 2);
  assert.is(failures[0]?.items, 2);
  await engine.close();
});

test('chunk work gives up single items and goes on', async () => {
  const work = defineWork({
    chunk: ({ items }: { items: readonly number[] }, { fail }) => {
      for (const [index, item] of items.entries()) if (item % 2 === 0) fail(index, new Error('even'));
      return items.filter((item) => item % 2 === 1);
    },
  });
  const job = defineJob(work, {
    name: 'chunks',
    source: (input: number[]) => input,
    chunk: byCount(3),
    combine: (left, right) => [...left, ...right],
  });
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, [1, 2, 3, 4, 5]);
  const outcome = await session.outcome();
  assert.equal(outcome.result, [1, 3, 5]);
  assert.is(outcome.counts.items.completed, 3);
  assert.is(outcome.counts.items.failed, 2);
  assert.equal(
    (await collect(session.deadLetters())).map(({ itemId }) => itemId),
    ['1', '3'],
  );
  await engine.close();
});

test('a counter is counted once, however often its batch is tried', async () => {
  const work = defineWork({
    each: (item: number, { count, attempt }) => {
      count('seen');
      if (item === 2 && attempt < 3) throw new Error('later');
      return item;
    },
  });
  const job = defineJob(work, { name: 'counting', source: (input: number[]) => input, chunk: byCount(10), retry: everySecond });
  const { engine, clock } = await openWorld([job]);
  const session = await engine.start(job, [1, 2, 3]);
  for (const failed of [1, 2]) {
    await until(`attempt ${failed} has ended`, async () => {
      const attempts = await engine.store.listAttempts({ sessionId: session.id, after: 0, limit: 10 });
      return attempts.length === failed;
    });
    await clock.advance(1_000);
  }
  assert.equal((await session.outcome()).counters, { seen: 3 });
  await engine.close();
});

test('good items stay done when the retry of the others fails as a whole', async () => {
  const work = defineWork({
    each: (item: number, { attempt }) => {
      if (item === 2 && attempt === 1) throw new Error('later');
      // A value that no store can keep, found only once everything has run.
      return item === 2 ? (Symbol('x') as unknown as number) : item;
    },
  });
  const job = defineJob(work, { name: 'halves', source: (input: number[]) => input, chunk: byCount(10), retry: everySecond });
  const { engine, clock } = await openWorld([job]);
  const session = await engine.start(job, [1, 2, 3]);
  await until('the batch waits', async () => (await session.state()).counts.batches.failed === 1);
  await clock.advance(1_000);
  const outcome = await session.outcome();
  assert.is(outcome.status, 'completed');
  assert.equal(outcome.counts.items, { total: 3, completed: 2, failed: 1, cancelled: 0 });
  assert.is(outcome.failures[0]?.category, 'unserializable');
  assert.equal(await collect(session.outputs()), [1, 3]);
  await engine.close();
});

const policies = fc.record({
  type: fc.constantFrom('exponential' as const, 'fixed' as const),
  baseMs: fc.integer({ min: 0, max: 100_000 }),
  maxMs: fc.integer({ min: 0, max: 10_000_000 }),
  jitter: fc.boolean(),
});
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const attempts = fc.integer({ min: 1, max: 1_000 });

test('a wait is a whole number of milliseconds between 0 and the longest', () => {
  fc.assert(
    fc.property(policies, attempts, chance, (policy, attempt, random) => {
      const wait = backoffMs(policy, attempt, undefined, random);
      return Number.isInteger(wait) && wait >= 0 && wait <= policy.maxMs;
    }),
  );
});

test('waits never get shorter, and without jitter double until the longest', () => {
  fc.assert(
    fc.property(policies, attempts, (policy, attempt) => {
      const steady = { ...policy, jitter: false };
      const wait = backoffMs(steady, attempt, undefined, 0);
      const next = backoffMs(steady, attempt + 1, undefined, 0);
      const expected = policy.type === 'fixed' ? Math.min(policy.baseMs, policy.maxMs) : Math.min(wait * 2, policy.maxMs);
      return next >= wait && (policy.type === 'exponential' && attempt > 50 ? true : next === expected);
    }),
  );
});

test('jitter takes away no more than half', () => {
  fc.assert(
    fc.property(policies, attempts, chance, (policy, attempt, random) => {
      const whole = backoffMs({ ...policy, jitter: false }, attempt, undefined, 0);
      const spread = backoffMs({ ...policy, jitter: true }, attempt, undefined, random);
      return spread <= whole && spread >= Math.floor(whole / 2);
    }),
  );
});

test('an error that names its own wait is taken at its word', () => {
  fc.assert(
    fc.property(policies, attempts, chance, fc.nat(), (policy, attempt, random, retryAfterMs) => {
      const error = { name: 'RetryError', message: 'busy', category: 'error', retryAfterMs } as const;
      return backoffMs(policy, attempt, error, random) === retryAfterMs;
    }),
  );
});

test.run();
