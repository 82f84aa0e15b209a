import * as assert from 'uvu/assert';
import { threads } from '../../src/adapters/executors/threads.ts';
import { memory } from '../../src/adapters/stores/memory.ts';
import type { Session } from '../../src/engine/api/session.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { MillraceError } from '../../src/model/errors.ts';
import { type AnyJob, defineJob, type Policies } from '../../src/model/job.ts';
import type { AttemptRecord } from '../../src/model/records.ts';
import type { Store } from '../../src/model/store.ts';
import { workModule } from '../../src/model/work.ts';
import type faults from '../fixtures/faults.work.ts';
import type { Fault } from '../fixtures/faults.work.ts';
import type secondTry from '../fixtures/second-try.work.ts';
import { collect, openWorld } from '../support/engine-world.ts';
import type { ManualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';

const test = suite('threads');

const quick = { type: 'fixed', base: 1, jitter: false } as const;
const twice: Policies = { retry: { attempts: 2, backoff: quick } };

function faultsJob(policies: Policies, size = 1) {
  return defineJob(workModule<typeof faults>(new URL('../fixtures/faults.work.ts', import.meta.url)), {
    name: 'faults',
    source: (input: readonly Fault[]) => input,
    chunk: byCount(size),
    ...policies,
  });
}

/** An engine whose batches run in real threads, by the machine's clock. */
async function threadsWorld(job: AnyJob, workers: number, workerMemoryMb?: number) {
  const executor = threads({ workers, ...(workerMemoryMb !== undefined && { workerMemoryMb }) });
  return openWorld([job], {
    store: memory(),
    clock: systemClock as ManualClock,
    executor: 'threads',
    executors: () => executor,
  });
}

const good = (count: number, from = 0): Fault[] =>
  Array.from({ length: count }, (_, index) => ({ do: 'return', value: from + index }) as const);

function returned(input: readonly Fault[]): unknown[] {
  return input.flatMap((fault) => (fault.do === 'return' ? [fault.value] : []));
}

function attemptsOf(store: Store, session: Session<unknown, unknown>): Promise<readonly AttemptRecord[]> {
  return store.listAttempts({ sessionId: session.id, after: 0, limit: 10_000 });
}

test('work in threads gives the outputs of its items in the order of the input', async () => {
  const job = faultsJob(twice, 7);
  const { engine } = await threadsWorld(job, 2);
  const input = good(500);
  const session = await engine.start(job, input);
  assert.is((await session.outcome()).status, 'completed');
  assert.equal(await collect(session.outputs()), returned(input));
  await engine.close();
});

test('an item that ends its worker is given up alone; the others of its group are handed back and finish', async () => {
  const job = faultsJob(twice);
  const { engine, store } = await threadsWorld(job, 2);
  const input: Fault[] = [...good(300), { do: 'exit', code: 3 }, ...good(300, 300)];
  const session = await engine.start(job, input);
  const outcome = await session.outcome();
  assert.is(outcome.status, 'completed');
  assert.equal(outcome.counts.items, { total: 601, completed: 600, failed: 1, cancelled: 0 });
  assert.is(outcome.failures[0]?.category, 'exit');
  assert.equal(await collect(session.outputs()), returned(input));
  const attempts = await attemptsOf(store, session);
  const released = attempts.filter(({ outcome: ended }) => ended === 'pending');
  const charged = attempts.filter(({ outcome: ended }) => ended.startsWith('crashed'));
  assert.ok(charged.every(({ number }) => number === 300));
  assert.is(charged.length, 2, 'its two attempts');
  const [letter] = await collect(session.deadLetters());
  assert.equal([letter?.itemId, letter?.attempts], ['300', 2]);
  for (const { number } of released) {
    const [batch] = await store.listBatches({ sessionId: session.id, numbers: [number], limit: 1 });
    assert.is(batch?.state, number === 300 ? 'crashed.dead' : 'completed');
    if (number !== 300) assert.is(batch?.attempt, 1, `batch ${number} was not charged`);
  }
  await engine.close();
});

test('several items that end their workers do not stop the queue', async () => {
  const job = faultsJob({ retry: { attempts: 1 } });
  const { engine } = await threadsWorld(job, 2);
  const input = good(200).flatMap((fault, index): Fault[] => (index % 50 === 25 ? [{ do: 'exit', code: 1 }, fault] : [fault]));
  const session = await engine.start(job, input);
  const { counts } = await session.outcome();
  assert.equal([counts.items.completed, counts.items.failed], [200, 4]);
  assert.equal(await collect(session.outputs()), returned(input));
  await engine.close();
});

test('an item that blocks its thread beyond the time limit fails as timeout, and the thread is replaced', async () => {
  const job = faultsJob({ retry: { attempts: 1 }, timeout: '200ms' });
  const { engine } = await threadsWorld(job, 1);
  const input: Fault[] = [...good(50), { do: 'block' }, ...good(50, 50)];
  const session = await engine.start(job, input);
  const outcome = await session.outcome();
  assert.equal(await collect(session.outputs()), returned(input));
  assert.equal([outcome.counts.items.completed, outcome.failures[0]?.category], [100, 'timeout']);
  await engine.close();
});

test('a single chunk with a time limit gets a thread: nothing could end it in the host', async () => {
  const job = faultsJob({ retry: { attempts: 1 }, timeout: '200ms' });
  const { engine } = await threadsWorld(job, 1);
  const outcome = await engine.run(job, [{ do: 'block' }]);
  assert.equal([outcome.status, outcome.failures[0]?.category], ['failed', 'timeout']);
  await engine.close();
});

test('an item that fills the memory of its worker ends as oom, and the others finish', async () => {
  const job = faultsJob({ retry: { attempts: 1 } });
  const { engine } = await threadsWorld(job, 1, 64);
  const input: Fault[] = [...good(20), { do: 'fill-memory' }, ...good(20, 20)];
  const session = await engine.start(job, input);
  const outcome = await session.outcome();
  assert.equal(await collect(session.outputs()), returned(input));
  assert.equal([outcome.counts.items.completed, outcome.failures[0]?.category], [40, 'oom']);
  await engine.close();
});

test('items that had succeeded stay done when the retry of the others ends its worker', async () => {
  const job = defineJob(workModule<typeof secondTry>(new URL('../fixtures/second-try.work.ts', import.meta.url)), {
    name: 'second-try',
    source: (input: readonly number[]) => input,
    chunk: byCount(3),
    combine: (left, right) => left + right,
    ...twice,
  });
  const { engine } = await threadsWorld(job, 1);
  const session = await engine.start(job, [1, -1, 2, 10, 20, 30]);
  const outcome = await session.outcome();
  assert.is(outcome.result, 63);
  assert.equal(outcome.counts.items, { total: 6, completed: 5, failed: 1, cancelled: 0 });
  assert.is(outcome.counts.batches.completed, 2, 'a batch is completed when some of it is good');
  assert.equal(
    (await collect(session.deadLetters())).map(({ itemId, items }) => [itemId, items]),
    [['1', 1]],
  );
  await engine.close();
});

test('a cancelled session ends what runs in threads', async () => {
  const job = faultsJob(twice);
  const { engine } = await threadsWorld(job, 1);
  const session = await engine.start(job, [...good(1), { do: 'hang' }, ...good(1)]);
  for await (const progress of session.progress({ every: 0 })) if (progress.counts.items.completed > 0) break;
  await session.cancel('enough');
  const outcome = await session.outcome();
  assert.is(outcome.status, 'cancelled');
  await engine.close();
});

test('a module that cannot be loaded is an error of the start', async () => {
  const job = defineJob(workModule<typeof faults>(new URL('file:///nowhere/gone.work.js')), {
    name: 'gone',
    source: (input: readonly Fault[]) => input,
    chunk: byCount(1),
  });
  const { engine } = await threadsWorld(job, 1);
  try {
    await engine.start(job, good(1));
    assert.unreachable();
  } catch (error) {
    assert.is((error as MillraceError).code, 'WORK_MODULE');
  }
  await engine.close();
});

test.run();
