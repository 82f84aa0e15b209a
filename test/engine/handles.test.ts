import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import type { Progress } from '../../src/engine/api/session.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { DuplicateSessionError, type MillraceError } from '../../src/model/errors.ts';
import { defineJob } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { collect, gate, openWorld, shared } from '../support/engine-world.ts';
import { manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';
import { turns, until } from '../support/turns.ts';

const test = suite('handles');

interface Input {
  readonly file: string;
  readonly items: readonly number[];
}

/** A job keyed by its file, whose items wait at a door. */
function keyedJob(options: { name?: string; onDuplicate?: 'join' | 'reject' | 'replace' } = {}) {
  const door = gate();
  const begun: number[] = [];
  const work = defineWork({
    each: async (item: number, { signal, count }) => {
      begun.push(item);
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      await Promise.race([door.opened, aborted]);
      if (item < 0) throw new Error('negative');
      count('seen');
      return item * 2;
    },
  });
  const job = defineJob(work, {
    name: options.name ?? 'keyed',
    source: (input: Input) => input.items,
    chunk: byCount(2),
    combine: (left, right) => left + right,
    key: (input) => input.file,
    metadata: (input) => ({ file: input.file, chunkSize: 2 }),
    retry: { attempts: 1 },
    ...(options.onDuplicate && { onDuplicate: options.onDuplicate }),
  });
  return { job, door, begun };
}

const input = (file: string, ...items: number[]): Input => ({ file, items });

test('a second start with the key of a live session joins it', async () => {
  const { job, door } = keyedJob();
  const { engine } = await openWorld([job]);
  const first = await engine.start(job, input('a', 1, 2));
  const second = await engine.start(job, input('a', 1, 2));
  assert.equal([first.started, second.started], [true, false]);
  assert.is(second.id, first.id);
  assert.is(second.key, 'a');
  door.open();
  assert.is(await second.result(), 6);
  assert.is(await first.result(), 6);
  await engine.close();
});

test('a start with the key of a live session and another input is refused, and told of both ways out', async () => {
  const { job, door } = keyedJob();
  const { engine } = await openWorld([job]);
  const first = await engine.start(job, input('a', 1, 2));
  try {
    await engine.start(job, input('a', 7));
    assert.unreachable();
  } catch (error) {
    assert.is((error as MillraceError).code, 'INPUT_CHANGED');
    for (const words of [first.id, '"a"', 'another key', "onDuplicate: 'replace'"])
      assert.match((error as MillraceError).message, words);
  }
  door.open();
  assert.is(await first.result(), 6, 'the live one goes on');
  await engine.close();
});

test('a session that a dead host left is not joined with another input either', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { job, door } = keyedJob();
  const dead = await openWorld([job], { clock, store });
  const first = await dead.engine.start(job, input('a', 1, 2));
  const closing = dead.engine.close({ grace: 0 });
  await clock.advance(1);
  await closing;
  door.open();
  const { engine } = await openWorld([job], { clock, store });
  const refused = await engine.start(job, input('a', 7)).catch((error: MillraceError) => error.code);
  assert.is(refused, 'INPUT_CHANGED');
  const joined = await engine.start(job, input('a', 1, 2));
  assert.is(joined.id, first.id);
  assert.is(await joined.result(), 6);
  await engine.close();
});

test('starts with other keys, and of other jobs, are sessions of their own', async () => {
  const one = keyedJob();
  const two = keyedJob({ name: 'other' });
  const { engine } = await openWorld([one.job, two.job]);
  one.door.open();
  two.door.open();
  const ids = new Set<string>();
  for (const session of [
    await engine.start(one.job, input('a', 1)),
    await engine.start(one.job, input('b', 1)),
    await engine.start(one.job, input('a', 1), { key: 'c' }),
    await engine.start(two.job, input('a', 1)),
  ])
    ids.add(session.id);
  assert.is(ids.size, 4);
  await engine.close();
});

test('once a session has ended, its key is free: the next start is a new session', async () => {
  const { job, door } = keyedJob();
  door.open();
  const { engine } = await openWorld([job]);
  const first = await engine.start(job, input('a', 1));
  await first.outcome();
  const second = await engine.start(job, input('a', 2));
  assert.is(second.started, true);
  assert.is.not(second.id, first.id);
  assert.is(await second.result(), 4);
  await engine.close();
});

test('a job may refuse a second start, and the error names the live session', async () => {
  const { job, door } = keyedJob({ onDuplicate: 'reject' });
  const { engine } = await openWorld([job]);
  const first = await engine.start(job, input('a', 1));
  try {
    await engine.start(job, input('a', 1));
    assert.unreachable();
  } catch (error) {
    assert.instance(error, DuplicateSessionError);
    assert.is((error as DuplicateSessionError).code, 'DUPLICATE_SESSION');
    assert.is((error as DuplicateSessionError).sessionId, first.id);
  }
  door.open();
  await engine.close();
});

test('a start may replace the live session, which is cancelled first', async () => {
  const { job, door, begun } = keyedJob();
  const { engine } = await openWorld([job]);
  const first = await engine.start(job, input('a', 1));
  await until('it runs', () => begun.length === 1);
  const second = await engine.start(job, input('a', 5), { onDuplicate: 'replace' });
  const replaced = await first.outcome();
  assert.is(replaced.status, 'cancelled');
  assert.match(replaced.error?.message ?? '', 'replaced');
  assert.is(second.started, true);
  door.open();
  assert.is(await second.result(), 10);
  await engine.close();
});

test('a start may replace a session that a dead host left behind: nothing more of it is run', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { job, begun, door } = keyedJob();
  const dead = await openWorld([job], { clock, store });
  const first = await dead.engine.start(job, input('a', 1, 2, 3, 4));
  await until('it runs', () => begun.length === 1);
  const closing = dead.engine.close({ grace: 0 });
  await clock.advance(1);
  await closing;
  begun.length = 0;
  door.open();
  const { engine } = await openWorld([job], { clock, store });
  const second = await engine.start(job, input('a', 7), { onDuplicate: 'replace' });
  assert.is(await second.result(), 14);
  assert.equal(begun, [7]);
  assert.is((await store.getSession(first.id))?.state, 'cancelled');
  await engine.close();
});

test('finds a session by its id and the newest of a key, live or ended', async () => {
  const { job, door } = keyedJob();
  const other = keyedJob({ name: 'other' });
  const { engine } = await openWorld([job, other.job]);
  const live = await engine.start(job, input('a', 1));
  assert.is((await engine.find(job, { id: live.id }))?.id, live.id);
  assert.is((await engine.find(job, { key: 'a' }))?.id, live.id);
  door.open();
  assert.is(await (await engine.find(job, { key: 'a' }))?.result(), 2);
  const newer = await engine.start(job, input('a', 4));
  await newer.outcome();
  const found = await engine.find(job, { key: 'a' });
  assert.is(found?.id, newer.id);
  assert.is(found?.started, false);
  assert.is(await found?.result(), 8);
  assert.is(await (await engine.find(job, { id: live.id }))?.result(), 2);
  assert.is(await engine.find(job, { key: 'nobody' }), undefined);
  assert.is(await engine.find(job, { id: 'nobody' }), undefined);
  assert.is(await engine.find(other.job, { id: live.id }), undefined, 'it is of another job');
  await engine.close();
});

test('another host of the same store sees a session, its progress and its end', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { job, door, begun } = keyedJob();
  const here = await openWorld([job], { clock, store });
  const there = await openWorld([job], { clock, store });
  const session = await here.engine.start(job, input('a', 1, 2, 3));
  await until('it runs', () => begun.length === 1);
  const other = await there.engine.start(job, input('a', 1, 2, 3));
  assert.is(other.id, session.id);
  assert.is(other.started, false);
  assert.is((await other.state()).status, 'running');
  const outcome = other.outcome();
  door.open();
  await session.outcome();
  await clock.advance(1_000);
  assert.is((await outcome).result, 12);
  assert.equal(await collect(other.outputs()), [2, 4, 6]);
  await here.engine.close();
  await there.engine.close();
});

test('lists sessions, newest first, by job, status and age', async () => {
  const one = keyedJob();
  const two = keyedJob({ name: 'other' });
  const { engine, clock } = await openWorld([one.job, two.job]);
  one.door.open();
  const done = await engine.start(one.job, input('a', 1));
  await done.outcome();
  const failed = await engine.start(one.job, input('b', -1));
  await failed.outcome();
  await clock.advance(3_600_000);
  const live = await engine.start(two.job, input('a', 1));
  const ids = async (query?: Parameters<typeof engine.sessions>[0]) =>
    (await collect(engine.sessions(query))).map(({ id }) => id);
  assert.equal(await ids(), [live.id, failed.id, done.id]);
  assert.equal(await ids({ job: one.job }), [failed.id, done.id]);
  assert.equal(await ids({ job: 'other' }), [live.id]);
  assert.equal(await ids({ status: 'failed' }), [failed.id]);
  assert.equal(await ids({ status: 'running' }), [live.id]);
  assert.equal(await ids({ since: '30m' }), [live.id]);
  two.door.open();
  await live.outcome();
  await engine.close();
});

test('lists more sessions than fit a page, each once', async () => {
  const { job, door } = keyedJob();
  door.open();
  const { engine } = await openWorld([job]);
  for (let index = 0; index < 230; index++) await engine.run(job, input(`f${index}`, 1));
  const keys = (await collect(engine.sessions())).map(({ key }) => key);
  assert.is(keys.length, 230);
  assert.is(new Set(keys).size, 230);
  assert.is(keys[0], 'f229');
  await engine.close();
});

test('a session whose host is gone is shown as crashed', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { job, begun } = keyedJob();
  const there = await openWorld([job], { clock, store });
  await there.engine.start(job, input('a', 1));
  await until('it runs', () => begun.length === 1);
  const closing = there.engine.close({ grace: 0 });
  await clock.advance(1);
  await closing;
  const { engine } = await openWorld([job], { clock, store });
  const [view] = await collect(engine.sessions({ status: 'crashed' }));
  assert.is(view?.key, 'a');
  assert.is((await (await engine.find(job, { key: 'a' }))?.state())?.status, 'crashed');
  await engine.close();
});

test('a view tells metadata, counters, counts and times', async () => {
  const { job, door } = keyedJob();
  door.open();
  const { engine, clock } = await openWorld([job]);
  const session = await engine.start(job, input('a', 1, -2, 3), { priority: 4 });
  await session.outcome();
  const view = await session.state();
  assert.equal(view.metadata, { file: 'a', chunkSize: 2 });
  assert.equal(view.counters, { seen: 2 });
  assert.equal(view.counts.items, { total: 3, completed: 2, failed: 1, cancelled: 0 });
  assert.equal([view.job, view.version, view.key, view.priority, view.generation], ['keyed', '1', 'a', 4, 1]);
  assert.equal([view.createdAt, view.startedAt, view.endedAt], [clock.now(), clock.now(), clock.now()]);
  await engine.close();
});

test('outputs come in the order of the input, whatever the order in which they were made', async () => {
  const doors = new Map([1, 2, 3, 4].map((item) => [item, gate()]));
  const work = defineWork({
    each: async (item: number) => {
      await doors.get(item)?.opened;
      return item;
    },
  });
  const job = defineJob(work, {
    name: 'wide',
    source: (items: readonly number[]) => items,
    chunk: byCount(1),
    concurrency: 4,
    combine: (left, right) => left * 10 + right,
  });
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, [1, 2, 3, 4]);
  for (const item of [4, 2, 3, 1]) {
    doors.get(item)?.open();
    await turns(5);
  }
  await session.outcome();
  assert.equal(await collect(session.outputs()), [1, 2, 3, 4]);
  await engine.close();
});

test('prunes one ended session, or all that are old enough; live ones stay', async () => {
  const { job, door, begun } = keyedJob();
  const { engine, clock } = await openWorld([job]);
  const live = await engine.start(job, input('live', 1));
  await until('it runs', () => begun.length === 1);
  assert.is(await engine.prune({ id: live.id }), 0);
  door.open();
  await live.outcome();
  assert.is(await engine.prune({ id: live.id }), 1);
  assert.is(await engine.find(job, { id: live.id }), undefined);
  const old = await engine.start(job, input('old', 1));
  await old.outcome();
  await clock.advance(2 * 86_400_000);
  const young = await engine.start(job, input('young', 1));
  await young.outcome();
  assert.is(await engine.prune({ olderThan: '1d' }), 1);
  assert.equal(
    (await collect(engine.sessions())).map(({ key }) => key),
    ['young'],
  );
  await engine.close();
});

function assertMonotone(seen: readonly Progress[]): void {
  for (const [index, now] of seen.entries()) {
    const before = seen[index - 1];
    if (!before) continue;
    assert.ok(now.counts.items.completed >= before.counts.items.completed);
    assert.ok(now.counts.items.failed >= before.counts.items.failed);
    assert.ok((now.fraction ?? 0) >= (before.fraction ?? 0));
    assert.ok(now.sourceEnded || !before.sourceEnded);
    const facts = ({ status, paused, counts, counters, sourceEnded }: Progress) => [
      status,
      paused,
      counts,
      counters,
      sourceEnded,
    ];
    assert.not.equal(facts(now), facts(before), 'never the same twice');
  }
}

test('progress never goes back, never says the same twice, and ends with the session', async () => {
  const doors = Array.from({ length: 20 }, gate);
  const work = defineWork({
    each: async (item: number) => {
      await doors[Math.floor(item / 3)]?.opened;
      if (item % 10 === 0) throw new Error('ten');
      return item;
    },
  });
  const job = defineJob(work, {
    name: 'steps',
    source: (items: readonly number[]) => items,
    chunk: byCount(3),
    retry: { attempts: 1 },
    concurrency: 2,
  });
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, [...Array(60).keys()]);
  const seen: Progress[] = [];
  const ended = (): number => (seen.at(-1)?.counts.items.completed ?? 0) + (seen.at(-1)?.counts.items.failed ?? 0);
  const progress = session.progress({ every: 0 })[Symbol.asyncIterator]();
  const see = async (): Promise<boolean> => {
    const { done, value } = await progress.next();
    if (!done) seen.push(value);
    return !done;
  };
  // A reader may miss what comes between two looks. So the next batch ends only when the one before has been seen.
  for (const [index, door] of doors.entries()) {
    door.open();
    while (ended() < 3 * (index + 1)) assert.ok(await see(), `progress ended after ${ended()} items`);
  }
  while (await see());
  assert.ok(seen.length >= doors.length);
  assertMonotone(seen);
  const last = seen.at(-1);
  assert.is(last?.status, 'completed');
  assert.is(last?.fraction, 1);
  assert.is(last?.counts.items.completed, 54);
  assert.is(last?.counts.items.failed, 6);
  await engine.close();
});

test('progress of an ended session is its end', async () => {
  const { job, door } = keyedJob();
  door.open();
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, input('a', 1));
  await session.outcome();
  const seen = await collect(session.progress());
  assert.equal(
    seen.map(({ status }) => status),
    ['completed'],
  );
  await engine.close();
});

test('a reader of progress can leave at any time, by itself or by its signal', async () => {
  const { job, door } = keyedJob();
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, input('a', 1));
  for await (const progress of session.progress()) {
    assert.is(progress.status === 'running' || progress.status === 'pending', true);
    break;
  }
  const control = new AbortController();
  const reading = collect(session.progress({ signal: control.signal }));
  await turns(2);
  control.abort(new Error('enough'));
  try {
    await reading;
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'enough');
  }
  door.open();
  assert.is((await session.outcome()).status, 'completed');
  await engine.close();
});

test('who waits for the outcome can stop waiting; the session goes on', async () => {
  const { job, door } = keyedJob();
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, input('a', 1));
  const control = new AbortController();
  const waiting = session.outcome({ signal: control.signal });
  control.abort(new Error('no patience'));
  try {
    await waiting;
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'no patience');
  }
  door.open();
  assert.is((await session.outcome()).status, 'completed');
  await engine.close();
});

test('the time left is told once the whole input is known and something is done', async () => {
  const { job, door } = keyedJob();
  const { engine, clock } = await openWorld([job]);
  const session = await engine.start(job, input('a', 1, 2, 3, 4));
  const seen: Progress[] = [];
  const all = new Promise<void>((resolve) => {
    session.progress$.subscribe({ next: (progress) => seen.push(progress), complete: resolve });
  });
  assert.is(seen[0]?.etaMs, undefined);
  await until('all is cut', async () => (await session.state()).counts.items.total === 4);
  await clock.advance(1_000);
  door.open();
  await all;
  assert.ok((seen.at(-1)?.itemsPerSecond ?? 0) > 0);
  assert.is(seen.at(-1)?.etaMs, 0);
  await engine.close();
});

test('a caller may change what it was given: the session keeps its own', async () => {
  const job = defineJob(defineWork({ each: (item: number) => Float64Array.of(item) }), {
    name: 'bytes',
    source: (numbers: Float64Array) => numbers.fill(7, 0, 1),
    chunk: byCount(1),
    combine: (left, right) => Float64Array.of(...left, ...right),
  });
  const { engine } = await openWorld([job]);
  const given = Float64Array.of(1, 2);
  const handle = await engine.start(job, given);
  (await handle.result())?.fill(0);
  for await (const output of handle.outputs()) output.fill(0);
  assert.equal([...given, ...((await handle.result()) ?? [])], [1, 2, 7, 2]);
  assert.equal(await collect(handle.outputs()), [Float64Array.of(7), Float64Array.of(2)]);
  await engine.close();
});

test.run();
