import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { defineJob } from '../../src/model/job.ts';
import type { Store } from '../../src/model/store.ts';
import { defineWork } from '../../src/model/work.ts';
import { collect, gate, openWorld, shared } from '../support/engine-world.ts';
import { manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';
import { turns, until } from '../support/turns.ts';

const test = suite('hold and stop');

const numbers = (input: readonly number[]) => input;
const everySecond = { attempts: 3, backoff: { type: 'fixed', base: '1s', jitter: false } } as const;

/** A job whose items wait at a door of their own, and that notes which ones began. */
function gatedJob(count: number, options: { concurrency?: number; name?: string } = {}) {
  const gates = Array.from({ length: count }, gate);
  const begun: number[] = [];
  const work = defineWork({
    each: async (item: number, { signal }) => {
      begun.push(item);
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      await Promise.race([gates[item]?.opened, aborted]);
      return item;
    },
  });
  const job = defineJob(work, {
    name: options.name ?? 'gated',
    source: numbers,
    chunk: byCount(1),
    combine: (left, right) => left + right,
    concurrency: options.concurrency ?? 1,
  });
  const openAll = (): void => {
    for (const one of gates) one.open();
  };
  return { job, gates, begun, openAll, input: [...gates.keys()] };
}

test('a paused session lets what runs end, and claims nothing more until it is unpaused', async () => {
  const { job, gates, begun, openAll, input } = gatedJob(5);
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, input);
  await until('the first runs', () => begun.length === 1);
  await session.pause();
  gates[0]?.open();
  await until('the first is done', async () => (await session.state()).counts.batches.completed === 1);
  openAll();
  await turns(50);
  assert.equal(begun, [0]);
  const view = await session.state();
  assert.is(view.paused, true);
  assert.is(view.status, 'running');
  await session.unpause();
  assert.is(await session.result(), 10);
  await engine.close();
});

test('a session that is paused while it waits for a retry goes on with it once it is unpaused', async () => {
  const calls: number[] = [];
  const work = defineWork({
    each: (item: number, { attempt }) => {
      calls.push(attempt);
      if (attempt === 1) throw new Error('later');
      return item;
    },
  });
  const job = defineJob(work, { name: 'retried', source: numbers, chunk: byCount(1), retry: everySecond });
  const { engine, clock } = await openWorld([job]);
  const session = await engine.start(job, [7]);
  await until('it waits', async () => (await session.state()).counts.batches.failed === 1);
  await session.pause();
  await clock.advance(5_000);
  assert.equal(calls, [1]);
  await session.unpause();
  await until('it is tried again', async () => {
    await clock.advance(1);
    return calls.length === 2;
  });
  assert.is((await session.outcome()).status, 'completed');
  await engine.close();
});

test('a retry whose claim a pause refuses is queued once, and runs once for each attempt', async () => {
  const clock = manualClock();
  const inner = memory({ clock });
  let pauseAtClaim = false;
  const claims: { readonly id: string; readonly numbers: readonly number[] }[] = [];
  const store: Store = {
    ...inner,
    commit: async (commit) => {
      for (const { sessionId, claim } of commit.sessions) {
        if (!claim) continue;
        claims.push({ id: sessionId, numbers: claim.numbers ?? [] });
        if (pauseAtClaim) await inner.requestSession(sessionId, { paused: true });
        pauseAtClaim = false;
      }
      return inner.commit(commit);
    },
  };
  const tries: string[] = [];
  const work = defineWork({
    each: (item: string, { attempt }) => {
      tries.push(`${item}${attempt}`);
      if (attempt === 1 || (item === 'a' && attempt === 2)) throw new Error('later');
      return item;
    },
  });
  const job = defineJob(work, {
    name: 'refused',
    source: (input: readonly string[]) => input,
    chunk: byCount(2),
    retry: { attempts: 4, backoff: { base: 0, jitter: false } },
    finalize: ({ outputs }) => collect(outputs),
  });
  const { job: other, openAll, begun, input } = gatedJob(1);
  const { engine } = await openWorld([job, other], { clock, store });
  const session = await engine.start(job, ['a', 'b']);
  await until('it waits', async () => (await session.state()).counts.batches.failed === 1);
  pauseAtClaim = true;
  await clock.advance(1);
  await until('the pause was faster', async () => !pauseAtClaim && (await session.state()).paused);
  const holding = await engine.start(other, input);
  await until('the only lane is taken', () => begun.length === 1);
  await session.unpause();
  for (let ms = 0; ms < 20; ms++) await clock.advance(1);
  openAll();
  await holding.outcome();
  let ended = false;
  const outcome = session.outcome().finally(() => {
    ended = true;
  });
  await until('it has ended', async () => {
    await clock.advance(1);
    return ended;
  });
  const { counts } = await outcome;
  const claimed = claims.filter(({ id }) => id === session.id).map(({ numbers }) => numbers);
  assert.equal(claimed, [[0], [0], [0], [0]], 'once for each attempt, and once in vain');
  assert.equal(tries, ['a1', 'b1', 'a2', 'b2', 'a3']);
  assert.equal(await session.result(), ['a', 'b']);
  assert.is(counts.items.completed, 2);
  await engine.close();
});

test('a retry that is due does not wait for a source that gives nothing', async () => {
  const door = gate();
  const calls: number[] = [];
  const work = defineWork({
    each: (item: number, { attempt }) => {
      calls.push(attempt);
      if (attempt === 1) throw new Error('later');
      return item;
    },
  });
  const job = defineJob(work, {
    name: 'slow-source',
    source: async function* (_: null) {
      yield 1;
      await door.opened;
    },
    chunk: byCount(1),
    retry: everySecond,
  });
  const { engine, clock } = await openWorld([job]);
  const session = await engine.start(job, null);
  await until('the first waits', async () => (await session.state()).counts.batches.failed === 1);
  await clock.advance(1_000);
  await until('it is tried again', () => calls.length === 2);
  door.open();
  assert.is((await session.outcome()).status, 'completed');
  await engine.close();
});

test('a session that was paused at once cuts and claims nothing', async () => {
  const { job, begun, openAll, input } = gatedJob(3);
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, input);
  const pausing = session.pause();
  openAll();
  await pausing;
  await turns(50);
  const { length } = begun;
  await turns(50);
  assert.is(begun.length, length);
  await session.unpause();
  assert.is(await session.result(), 3);
  await engine.close();
});

test('a pause asked for by another host holds the session, and so does its end', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { job, gates, begun, openAll, input } = gatedJob(4);
  const here = await openWorld([job], { store, clock });
  const there = await openWorld([job], { store, clock });
  const session = await here.engine.start(job, input);
  await until('the first runs', () => begun.length === 1);
  const other = await there.engine.find(job, { id: session.id });
  await other?.pause();
  gates[0]?.open();
  await until('the first is done', async () => (await session.state()).counts.batches.completed === 1);
  await turns(50);
  assert.equal(begun, [0]);
  await other?.unpause();
  openAll();
  await clock.advance(10_000);
  assert.is(await session.result(), 6);
  await here.engine.close();
  await there.engine.close();
});

test('a cancel asked for by another host reaches a session in which nothing happens', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { job, begun, input } = gatedJob(2);
  const here = await openWorld([job], { store, clock });
  const there = await openWorld([job], { store, clock });
  const session = await here.engine.start(job, input);
  await until('the first runs', () => begun.length === 1);
  await (await there.engine.find(job, { id: session.id }))?.cancel('no more');
  await clock.advance(10_000);
  const outcome = await session.outcome();
  assert.is(outcome.status, 'cancelled');
  assert.is(outcome.error?.message, 'no more');
  await here.engine.close();
  await there.engine.close();
});

test('a cancelled session aborts what runs, drops what waits, and says why', async () => {
  const { job, gates, begun, input } = gatedJob(5);
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, input);
  gates[0]?.open();
  await until('the second runs', () => begun.length === 2);
  await session.cancel('changed my mind');
  const outcome = await session.outcome();
  assert.is(outcome.status, 'cancelled');
  assert.is(outcome.error?.code, 'SESSION_CANCELLED');
  assert.is(outcome.error?.message, 'changed my mind');
  assert.equal(outcome.counts.items, { total: 5, completed: 1, failed: 0, cancelled: 4 });
  assert.is(outcome.counts.batches.cancelled, 4);
  assert.equal(begun, [0, 1]);
  assert.equal(await collect(session.outputs()), [0]);
  await engine.close();
});

test('a session can be cancelled while it waits for a retry', async () => {
  const work = defineWork({
    each: (_: number): number => {
      throw new Error('later');
    },
  });
  const job = defineJob(work, { name: 'retried', source: numbers, chunk: byCount(1), retry: everySecond });
  const { engine, clock } = await openWorld([job]);
  const session = await engine.start(job, [7]);
  await until('it waits', async () => (await session.state()).counts.batches.failed === 1);
  await session.cancel();
  assert.is((await session.outcome()).status, 'cancelled');
  assert.is(clock.pending(), 0);
  await engine.close();
});

test('a session can be cancelled while it is paused', async () => {
  const { job, begun, input } = gatedJob(3);
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, input);
  await until('the first runs', () => begun.length === 1);
  await session.pause();
  await session.cancel();
  assert.is((await session.outcome()).status, 'cancelled');
  await engine.close();
});

test('an aborted signal cancels the session with its reason, also when it aborted before', async () => {
  const { job, begun, input } = gatedJob(3);
  const { engine } = await openWorld([job]);
  const control = new AbortController();
  const session = await engine.start(job, input, { signal: control.signal });
  await until('the first runs', () => begun.length === 1);
  control.abort(new Error('the user left'));
  const outcome = await session.outcome();
  assert.is(outcome.status, 'cancelled');
  assert.is(outcome.error?.message, 'the user left');
  const early = await engine.run(job, input, { signal: control.signal });
  assert.is(early.status, 'cancelled');
  await engine.close();
});

/** A job whose finalize waits for a door, and says what it saw of its signal. */
function finalizingJob(settle: (signal: AbortSignal, opened: Promise<void>) => Promise<string>) {
  const door = gate();
  const seen = { begun: false };
  const job = defineJob(defineWork({ each: (item: number) => item }), {
    name: 'finalizing',
    source: numbers,
    chunk: byCount(1),
    retry: { attempts: 1 },
    finalize: ({ signal }) => {
      seen.begun = true;
      return settle(signal, door.opened);
    },
  });
  return { job, door, seen };
}

test('a cancel while finalizing only aborts its signal: what returns all the same is completed', async () => {
  const { job, door, seen } = finalizingJob(async (signal, opened) => {
    await opened;
    return signal.aborted ? 'returned all the same' : 'not told';
  });
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, [1]);
  await until('it finalizes', () => seen.begun);
  await session.cancel('too late');
  door.open();
  const outcome = await session.outcome();
  assert.is(outcome.status, 'completed');
  assert.is(outcome.result, 'returned all the same');
  await engine.close();
});

test('a cancel while finalizing that makes finalize throw ends the session as cancelled', async () => {
  const { job, seen } = finalizingJob(
    (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  );
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, [1]);
  await until('it finalizes', () => seen.begun);
  await session.cancel('stop it');
  const outcome = await session.outcome();
  assert.is(outcome.status, 'cancelled');
  assert.is(outcome.error?.message, 'stop it');
  await engine.close();
});

test('a cancel of an ended session changes nothing', async () => {
  const { job, openAll, input } = gatedJob(2);
  openAll();
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, input);
  assert.is(await session.result(), 1);
  await session.cancel();
  await session.pause();
  const view = await session.state();
  assert.is(view.status, 'completed');
  assert.is(view.paused, false);
  assert.is((await session.outcome()).status, 'completed');
  await engine.close();
});

test('the session of higher priority goes first', async () => {
  const door = gate();
  const order: string[] = [];
  const work = defineWork({
    each: async (name: string) => {
      order.push(name);
      if (name === 'holder') await door.opened;
      return name;
    },
  });
  const job = defineJob(work, { name: 'named', source: (input: readonly string[]) => input, chunk: byCount(1) });
  const { engine } = await openWorld([job]);
  // While this one holds the only lane of its job, the others gather behind it.
  const holder = await engine.start(job, ['holder']);
  await until('the lane is taken', () => order.length === 1);
  const low = await engine.start(job, ['low', 'low', 'low'], { priority: -1 });
  const high = await engine.start(job, ['high', 'high', 'high'], { priority: 7 });
  await until('both are cut', async () => (await high.state()).counts.batches.total === 3);
  door.open();
  await Promise.all([holder.outcome(), low.outcome(), high.outcome()]);
  assert.equal(order, ['holder', 'high', 'high', 'high', 'low', 'low', 'low']);
  await engine.close();
});

test('no more batches of a job in place run at once than its concurrency says', async () => {
  let running = 0;
  let most = 0;
  const work = defineWork({
    each: async (item: number) => {
      most = Math.max(most, ++running);
      await turns(2);
      running--;
      return item;
    },
  });
  const job = defineJob(work, { name: 'wide', source: numbers, chunk: byCount(1), concurrency: 4 });
  const { engine } = await openWorld([job]);
  await engine.run(job, [...Array(40).keys()]);
  assert.is(most, 4);
  await engine.close();
});

test('work in place that waits beyond its timeout fails as timeout, and its signal says so', async () => {
  let told: unknown;
  const work = defineWork({
    each: (_: number, { signal }) =>
      new Promise<number>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          told = signal.reason;
          reject(signal.reason);
        });
      }),
  });
  const job = defineJob(work, {
    name: 'slow',
    source: numbers,
    chunk: byCount(1),
    timeout: '20ms',
    retry: { attempts: 1 },
  });
  const { engine } = await openWorld([job]);
  const outcome = await engine.run(job, [1]);
  assert.is(outcome.status, 'failed');
  assert.is(outcome.failures[0]?.category, 'timeout');
  assert.ok(told);
  await engine.close();
});

test('an item that waits beyond its itemTimeout fails alone', async () => {
  const work = defineWork({
    each: (item: number) => (item === 2 ? new Promise<number>(() => undefined) : item),
  });
  const job = defineJob(work, {
    name: 'stuck',
    source: numbers,
    chunk: byCount(3),
    combine: (left, right) => left + right,
    itemTimeout: '20ms',
    retry: { attempts: 1 },
  });
  const { engine } = await openWorld([job]);
  const outcome = await engine.run(job, [1, 2, 3]);
  assert.is(outcome.result, 4);
  assert.equal(outcome.failures, [{ message: outcome.failures[0]?.message, category: 'timeout', items: 1, examples: ['1'] }]);
  await engine.close();
});

test.run();
