import { channel } from 'node:diagnostics_channel';
import * as assert from 'uvu/assert';
import { byCount } from '../../src/model/chunkers.ts';
import type { MillraceEvent } from '../../src/model/events.ts';
import { defineJob } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { collect, gate, openWorld } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';
import { turns, until } from '../support/turns.ts';

const test = suite('events');

const retry = { attempts: 2, backoff: { type: 'fixed', base: '1s', jitter: false } } as const;

/** Everything that happens in this process while a test runs. */
async function watched(body: () => Promise<void>): Promise<MillraceEvent[]> {
  const seen: MillraceEvent[] = [];
  const listen = (event: unknown): void => void seen.push(event as MillraceEvent);
  const events = channel('millrace:event');
  events.subscribe(listen);
  try {
    await body();
  } finally {
    events.unsubscribe(listen);
  }
  return seen;
}

function batchesOf(seen: readonly MillraceEvent[], number: number): string[] {
  return seen.flatMap((event) => ('number' in event && event.number === number ? [event.type] : []));
}

function numbersOf(seen: readonly MillraceEvent[]): number[] {
  return seen.map(({ eventNumber }) => eventNumber);
}

/** Items fail in their first attempt when even, and always when negative. */
function shakyJob() {
  const work = defineWork({
    each: (item: number, { attempt }) => {
      if (item < 0) throw new Error('negative');
      if (item % 2 === 0 && attempt === 1) throw new Error('even');
      return item;
    },
  });
  return defineJob(work, { name: 'shaky', source: (items: readonly number[]) => items, chunk: byCount(1), retry });
}

test('tells of a session from its start to its end: in order, with numbers that have no gaps', async () => {
  const job = shakyJob();
  const seen = await watched(async () => {
    const { engine, clock } = await openWorld([job]);
    const session = await engine.start(job, [1, 2, 3, -1]);
    await until('two wait', async () => (await session.state()).counts.batches.failed === 2);
    await clock.advance(1_000);
    await session.outcome();
    await engine.close();
  });
  const numbers = numbersOf(seen);
  assert.equal(
    numbers,
    numbers.map((_, index) => index + 1),
  );
  assert.is(seen[0]?.type, 'session.started');
  const types = seen.map(({ type }) => type);
  assert.ok(types.indexOf('batches.enqueued') < types.indexOf('batch.claimed'));
  assert.ok(types.indexOf('batches.enqueued') < types.indexOf('session.draining'));
  assert.ok(types.indexOf('session.draining') < types.lastIndexOf('batch.completed'), 'while the last batches run');
  assert.equal(types.slice(-2), ['session.finalizing', 'session.completed']);
  assert.equal(batchesOf(seen, 0), ['batch.claimed', 'batch.completed']);
  assert.equal(batchesOf(seen, 1), ['batch.claimed', 'batch.failed', 'batch.claimed', 'batch.completed']);
  assert.equal(batchesOf(seen, 3), ['batch.claimed', 'batch.failed', 'batch.claimed', 'batch.failed']);
  const failures = seen.flatMap((event) =>
    event.type === 'batch.failed' && event.number === 3 ? [[event.state, event.attempt]] : [],
  );
  assert.equal(failures, [
    ['failed.waiting', 1],
    ['failed.dead', 2],
  ]);
});

test('tells of pause, unpause and cancel', async () => {
  const door = gate();
  const work = defineWork({
    each: async (item: number, { signal }) => {
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      await Promise.race([door.opened, aborted]);
      return item;
    },
  });
  const job = defineJob(work, { name: 'held', source: (items: readonly number[]) => items, chunk: byCount(1) });
  const seen = await watched(async () => {
    const { engine } = await openWorld([job]);
    const session = await engine.start(job, [1]);
    await session.pause();
    await session.unpause();
    await session.cancel('enough');
    await session.outcome();
    await engine.close();
  });
  const told = seen.filter(({ type }) => type.startsWith('session.'));
  assert.equal(
    told.map(({ type }) => type),
    ['session.started', 'session.paused', 'session.unpaused', 'session.cancelling', 'session.cancelled'],
  );
  const numbers = numbersOf(seen);
  assert.equal(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
  assert.is(new Set(numbers).size, numbers.length);
});

test("a session's own stream begins where it is listened to, and ends with the session", async () => {
  const job = shakyJob();
  const other = { ...shakyJob(), name: 'other' };
  const { engine, clock } = await openWorld([job, other]);
  const session = await engine.start(job, [2]);
  await until('it waits', async () => (await session.state()).counts.batches.failed === 1);
  const reading = collect(session.events());
  const elsewhere = await engine.start(other, [1]);
  await elsewhere.outcome();
  await clock.advance(1_000);
  await session.outcome();
  const seen = await reading;
  assert.equal(
    seen.map(({ type }) => type),
    ['batch.claimed', 'batch.completed', 'session.finalizing', 'session.completed'],
  );
  assert.ok(seen.every(({ sessionId }) => sessionId === session.id));
  await engine.close();
});

test('an event that a batch completed names it, its items and its attempt', async () => {
  const work = defineWork({ each: (item: number) => item });
  const job = defineJob(work, {
    name: 'named',
    source: (items: readonly number[]) => items,
    chunk: byCount(1),
    taskId: (item) => `item:${item}`,
  });
  const seen = await watched(async () => {
    const { engine } = await openWorld([job]);
    await engine.run(job, [7]);
    await engine.close();
  });
  const completed = seen.find(({ type }) => type === 'batch.completed');
  assert.ok(completed?.type === 'batch.completed');
  assert.equal([completed.taskId, completed.number, completed.items, completed.attempt], ['item:7', 0, 1, 1]);
});

test('a listener that leaves hears nothing more', async () => {
  const job = shakyJob();
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, [1]);
  for await (const _ of session.events()) break;
  const control = new AbortController();
  const reading = collect(session.events({ signal: control.signal })).catch((error: Error) => error.message);
  await turns(1);
  control.abort(new Error('enough'));
  const ended = await reading;
  assert.ok(ended === 'enough' || Array.isArray(ended));
  await session.outcome();
  await engine.close();
});

test('log lines say with stable words that a batch failed, and which', async () => {
  const job = shakyJob();
  const { engine, clock, lines } = await openWorld([job]);
  const session = await engine.start(job, [1, -5]);
  await until('it waits', async () => (await session.state()).counts.batches.failed === 1);
  await clock.advance(1_000);
  await session.outcome();
  const failed = lines.filter(({ message }) => message === 'batch failed');
  assert.equal(
    failed.map(({ level, facts }) => [level, facts.session, facts.job, facts.batch, facts.attempt, facts.state, facts.error]),
    [
      ['warn', session.id, 'shaky', 1, 1, 'failed.waiting', 'negative'],
      ['warn', session.id, 'shaky', 1, 2, 'failed.dead', 'negative'],
    ],
  );
  await engine.close();
});

test('log lines tell of the life of a session', async () => {
  const job = shakyJob();
  const { engine, lines } = await openWorld([job]);
  await engine.run(job, [1]);
  const told = lines.filter(({ level }) => level === 'info').map(({ message }) => message);
  assert.equal(told, ['session running.streaming', 'session running.draining', 'session finalizing', 'session completed']);
  await engine.close();
});

test.run();
