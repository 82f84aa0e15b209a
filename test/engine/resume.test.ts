import { lastValueFrom } from 'rxjs';
import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import type { EngineParts } from '../../src/engine/engine.ts';
import { byCount, byRange } from '../../src/model/chunkers.ts';
import type { MillraceError } from '../../src/model/errors.ts';
import type { SessionId } from '../../src/model/ids.ts';
import { type AnyJob, defineJob, type Job } from '../../src/model/job.ts';
import type { Store } from '../../src/model/store.ts';
import { defineWork, type WorkContext } from '../../src/model/work.ts';
import { gate, openWorld, shared, type World } from '../support/engine-world.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import { mortal } from '../support/mortal.ts';
import { suite } from '../support/suite.ts';
import { until } from '../support/turns.ts';

const test = suite('resume');

type Numbers = readonly number[];

interface Plan {
  readonly version?: string;
  readonly size?: number;
  readonly sourceAfter?: boolean;
  readonly settings?: { factor: number };
  /** Items at which the work waits for ever: until its host is dead. */
  readonly stuckAt?: ReadonlySet<number>;
}

/** A job that adds up numbers, and notes what it read and ran. */
function sumJob(plan: Plan = {}) {
  const ran: number[] = [];
  const read: string[] = [];
  const work = defineWork({
    each: async (item: number, { settings, signal }: WorkContext<{ factor: number }>) => {
      ran.push(item);
      if (plan.stuckAt?.has(item)) await abortOf(signal);
      return item * settings.factor;
    },
  });
  const job: Job<Numbers, number | undefined, number> = defineJob(work, {
    name: 'sum',
    version: plan.version ?? '1',
    source: function* (input: Numbers) {
      read.push('all');
      yield* input;
    },
    chunk: byCount(plan.size ?? 2),
    ...(plan.sourceAfter && {
      sourceAfter: function* (input: Numbers, itemId: string) {
        read.push(`after ${itemId}`);
        yield* input.slice(input.indexOf(Number(itemId)) + 1);
      },
    }),
    itemId: (item) => `${item}`,
    settings: plan.settings ?? { factor: 1 },
    combine: (left, right) => left + right,
    concurrency: 1,
  });
  return { job, ran, read };
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

const oneTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const sum = (numbers: Numbers): number => numbers.reduce((left, right) => left + right, 0);

interface Left {
  readonly id: SessionId;
  readonly clock: ManualClock;
  readonly store: Store;
  open(jobs: readonly AnyJob[], parts?: Partial<EngineParts>): Promise<World>;
}

/** More than a lease that was stretched for work in place. */
const longDead = 4_000_000;

/** A session whose host died while an item was at work. */
async function leftBehind(plan: Plan, input: Numbers): Promise<Left & { readonly ran: readonly number[] }> {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { store: reachable, die } = mortal(store);
  const { job, ran } = sumJob(plan);
  const { engine } = await openWorld([job], { clock, store: reachable });
  const { id } = await engine.start(job, input, { key: 'k' });
  await until('it is stuck', () => plan.stuckAt?.has(ran.at(-1) ?? -1));
  die();
  await clock.advance(longDead);
  return { id, clock, store, ran, open: (jobs, parts = {}) => openWorld(jobs, { clock, store, ...parts }) };
}

/** All that a store has of a session. */
async function contentOf(store: Store, id: SessionId): Promise<unknown> {
  const page = { sessionId: id, after: 0, limit: 1_000 };
  return [
    await store.getSession(id),
    await store.listBatches({ sessionId: id, limit: 1_000 }),
    await store.listAttempts(page),
    await store.listOutputs({ sessionId: id, from: 0, to: 1_000, limit: 1_000 }),
    await store.listDeadLetters(page),
  ];
}

/** Numbers of the batches that have completed. */
async function completedIn(store: Store, id: SessionId): Promise<number[]> {
  const rows = await store.listBatches({ sessionId: id, states: ['completed'], limit: 1_000 });
  return rows.map(({ number }) => number);
}

test('another host takes the session on, runs only what had not settled, and comes to the same result', async () => {
  const input = oneTo(20);
  const { id, store, open } = await leftBehind({ stuckAt: new Set([15]) }, input);
  const settled = await completedIn(store, id);
  assert.ok(settled.length > 0);
  const next = sumJob();
  const { engine } = await open([next.job]);
  const { resumed, refused } = await engine.resume();
  assert.equal([resumed.length, refused.length], [1, 0]);
  const outcome = await resumed[0]?.outcome();
  assert.is(outcome?.result, sum(input));
  assert.is(outcome?.counts.items.completed, 20);
  const left = input.filter((item) => !settled.includes(Math.floor((item - 1) / 2)));
  assert.equal(
    next.ran.toSorted((a, b) => a - b),
    left,
    'settled batches are not run again',
  );
  const attempts = await store.listAttempts({ sessionId: id, after: 0, limit: 100 });
  const numbers = attempts.filter(({ outcome: ended }) => ended === 'completed').map(({ number }) => number);
  assert.is(new Set(numbers).size, 10);
  assert.is(numbers.length, 10, 'each batch completed once');
  await engine.close();
});

test('what a dead host had claimed is handed back uncharged, remembered as having run when a host died, and named in the attempts', async () => {
  const { id, store, open } = await leftBehind({ stuckAt: new Set([5]) }, oneTo(10));
  const next = sumJob();
  const { engine } = await open([next.job]);
  const { resumed } = await engine.resume();
  await resumed[0]?.outcome();
  const [first, second] = await store.listAttempts({ sessionId: id, number: 2, after: 0, limit: 10 });
  assert.is(first?.category, 'host-death');
  assert.is(second?.outcome, 'completed');
  const [batch] = await store.listBatches({ sessionId: id, numbers: [2], limit: 1 });
  assert.is(batch?.attempt, 1, 'only the second claim was charged');
  assert.is(batch?.hostDeaths, 1);
  await engine.close();
});

test('an engine that resumes by itself takes sessions on at its start, and those that are left behind later', async () => {
  const input = oneTo(10);
  const { id, open } = await leftBehind({ stuckAt: new Set([3]) }, input);
  const next = sumJob();
  const { engine } = await open([next.job], { resume: 'auto' });
  const session = await engine.find(next.job, { id });
  assert.is(await session?.result(), sum(input));
  await engine.close();
});

test('a host that lives on takes over on its timer when another one dies', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { store: reachable, die } = mortal(store);
  const dying = sumJob({ stuckAt: new Set([3]) });
  const living = sumJob();
  const there = await openWorld([dying.job], { clock, store: reachable });
  const here = await openWorld([living.job], { clock, store, resume: 'auto' });
  const { id } = await there.engine.start(dying.job, oneTo(6));
  await until('it is stuck', () => dying.ran.includes(3));
  die();
  await clock.advance(longDead);
  const session = await here.engine.find(living.job, { id });
  assert.is(await session?.result(), 21);
  await here.engine.close();
});

test('reads on behind the last item cut where the job can, and else passes over what was cut', async () => {
  const input = oneTo(100);
  for (const sourceAfter of [true, false]) {
    const { open } = await leftBehind({ stuckAt: new Set([3]), sourceAfter }, input);
    const next = sumJob({ sourceAfter });
    const { engine } = await open([next.job]);
    const { resumed } = await engine.resume();
    assert.is(await resumed[0]?.result(), sum(input));
    assert.ok(sourceAfter ? next.read.every((how) => how.startsWith('after ')) : next.read.includes('all'), next.read.join(', '));
    await engine.close();
  }
});

test('slices are taken from the store, and the others are described again', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { store: reachable, die } = mortal(store);
  const sliceJob = (stuck: boolean, ran: number[]) =>
    defineJob(
      defineWork({
        chunk: async ({ slice }: { slice: { from: number; to: number } }) => {
          ran.push(slice.from);
          if (stuck && slice.from === 30) await gate().opened;
          return slice.to - slice.from;
        },
      }),
      {
        name: 'slices',
        slices: function* (count: number) {
          for (let from = 0; from < count; from += 10) yield { from, to: Math.min(count, from + 10) };
        },
        combine: (left, right) => left + right,
      },
    );
  const first: number[] = [];
  const dying = sliceJob(true, first);
  const { engine: dead } = await openWorld([dying], { clock, store: reachable });
  const { id } = await dead.start(dying, 95);
  await until('it is stuck', () => first.includes(30));
  die();
  await clock.advance(longDead);
  const settled = await completedIn(store, id);
  const second: number[] = [];
  const living = sliceJob(false, second);
  const { engine } = await openWorld([living], { clock, store });
  const { resumed } = await engine.resume();
  assert.is(await resumed[0]?.result(), 95);
  const starts = [...Array(10).keys()].filter((number) => !settled.includes(number)).map((number) => number * 10);
  assert.equal(
    second.toSorted((a, b) => a - b),
    starts,
  );
  await engine.close();
});

test('a session that is cut by range is resumed with the overlap its chunks had', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { store: reachable, die } = mortal(store);
  const begun: number[] = [];
  const around = (stuck: boolean) =>
    defineJob(
      defineWork({
        chunk: async ({
          items,
          overlap,
        }: {
          items: readonly number[];
          overlap: { before: readonly number[]; after: readonly number[] };
        }) => {
          begun.push(...items);
          if (stuck && items.includes(25)) await gate().opened;
          return [[overlap.before.length, items.length, overlap.after.length]];
        },
      }),
      {
        name: 'around',
        source: (input: Numbers) => input,
        chunk: byRange({ key: (item) => item, size: 10, overlap: 3 }),
        combine: (left, right) => [...left, ...right],
      },
    );
  const input = oneTo(60);
  const reference = await openWorld([around(false)]);
  const expected = (await reference.engine.run(around(false), input)).result;
  await reference.engine.close();
  const dying = around(true);
  const { engine: dead } = await openWorld([dying], { clock, store: reachable });
  await dead.start(dying, input);
  begun.length = 0;
  await until('it is stuck', () => begun.includes(25));
  die();
  await clock.advance(longDead);
  const { engine } = await openWorld([around(false)], { clock, store });
  const { resumed } = await engine.resume();
  assert.equal(await resumed[0]?.result(), expected);
  await engine.close();
});

const changes: readonly { what: string; code: string; change: (input: Numbers) => { job: AnyJob } }[] = [
  { what: 'the version', code: 'JOB_CHANGED', change: () => sumJob({ version: '2' }) },
  { what: 'the chunk size', code: 'JOB_CHANGED', change: () => sumJob({ size: 3 }) },
  { what: 'the settings', code: 'JOB_CHANGED', change: () => sumJob({ settings: { factor: 2 } }) },
  {
    what: 'the fingerprint of the input',
    code: 'INPUT_CHANGED',
    change: () => {
      const { job } = sumJob();
      return { job: { name: job.name, definition: { ...job.definition, fingerprint: () => 'other' } } };
    },
  },
  { what: 'the jobs of the host', code: 'JOB_NOT_REGISTERED', change: () => ({ job: { ...sumJob().job, name: 'other' } }) },
];

for (const { what, code, change } of changes) {
  test(`refuses a session when ${what} changed in between, and leaves the store as it is`, async () => {
    const input = oneTo(10);
    const { id, store, open } = await leftBehind({ stuckAt: new Set([5]) }, input);
    const { engine } = await open([change(input).job]);
    const before = await contentOf(store, id);
    const { resumed, refused } = await engine.resume();
    assert.is(resumed.length, 0);
    assert.is(refused[0]?.error.code, code);
    assert.is(refused[0]?.session.id, id);
    assert.equal(await contentOf(store, id), before);
    await engine.close();
  });
}

test('items that are not what they were when they were cut fail the session as INPUT_CHANGED', async () => {
  const { open } = await leftBehind({ stuckAt: new Set([5]) }, oneTo(10));
  const { job } = sumJob();
  const other = { ...job, definition: { ...job.definition, source: () => oneTo(10).map((item) => item * 2) } };
  const { engine } = await open([other]);
  const { resumed } = await engine.resume();
  const outcome = await resumed[0]?.outcome();
  assert.is(outcome?.status, 'failed');
  assert.is(outcome?.error?.code, 'INPUT_CHANGED');
  await engine.close();
});

test('a source that gives other chunks than those that were passed over fails the session as INPUT_CHANGED', async () => {
  // What had been cut has settled: nothing of it is read for its own sake.
  const changes: Readonly<Record<string, (input: Numbers) => Numbers>> = {
    'an item more at its beginning': (input) => [0, ...input],
    'an item less': (input) => input.slice(1),
    'the last recorded chunk changed': (input) => input.map((item) => (item === 4 ? 40 : item)),
    'nothing any more': () => [],
  };
  for (const sliced of [false, true]) {
    for (const [how, change] of Object.entries(changes)) {
      const { id, resume, store } = await settledBut(sliced, 4);
      assert.equal(await completedIn(store, id), sliced ? [0, 1, 2, 3] : [0, 1], how);
      const same = await settledBut(sliced, 4);
      assert.is((await same.resume((input) => input)).result, sum(oneTo(10)), how);
      const outcome = await resume(change);
      assert.equal([outcome.status, outcome.error?.code], ['failed', 'INPUT_CHANGED'], `${how}, sliced: ${sliced}`);
      assert.is(outcome.counts.items.completed, 4, 'nothing of it was run');
    }
  }
});

/** A session whose first items have settled when its host leaves, while its source is still being read. */
async function settledBut(sliced: boolean, settled: number) {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const jobOver = (read: (input: Numbers) => AsyncIterable<number> | Numbers): Job<Numbers, number | undefined, number> => {
    const combine = (left: number, right: number): number => left + right;
    if (!sliced) {
      const work = defineWork({ each: (item: number) => item });
      return defineJob(work, { name: 'read', source: read, chunk: byCount(2), combine });
    }
    const work = defineWork({
      read: function* (slice: number) {
        yield slice;
      },
      each: (item: number) => item,
    });
    return defineJob(work, { name: 'read', slices: read, combine });
  };
  const stuck = jobOver(async function* (input) {
    yield* input.slice(0, settled);
    await new Promise<never>(() => undefined);
  });
  const { engine } = await openWorld([stuck], { clock, store });
  const { id } = await engine.start(stuck, oneTo(10), { key: 'k' });
  await until('what was read has settled', async () => {
    await clock.advance(10);
    return (await store.getSession(id as SessionId))?.counts.items.completed === settled;
  });
  const closing = engine.close({ grace: 0 });
  await clock.advance(2_000);
  await closing;
  const resume = async (change: (input: Numbers) => Numbers) => {
    const job = jobOver(change);
    const world = await openWorld([job], { clock, store });
    const { resumed } = await world.engine.resume();
    const outcome = await (resumed[0] as NonNullable<(typeof resumed)[number]>).outcome();
    await world.engine.close();
    return outcome;
  };
  return { id: id as SessionId, store, resume };
}

test('the same start joins the session that a dead host left, and resumes it', async () => {
  const input = oneTo(10);
  const { id, open } = await leftBehind({ stuckAt: new Set([5]) }, input);
  const { job } = sumJob();
  const { engine } = await open([job]);
  const session = await engine.start(job, input, { key: 'k' });
  assert.is(session.id, id);
  assert.is(session.started, false);
  assert.is(await session.result(), sum(input));
  await engine.close();
});

test('a paused session is left alone by the timer, and taken on, still paused, when it is asked for', async () => {
  const { id, store, open } = await leftBehind({ stuckAt: new Set([5]) }, oneTo(10));
  await store.requestSession(id, { paused: true });
  const { job, ran } = sumJob();
  const { engine, clock } = await open([job], { resume: 'auto' });
  await clock.advance(100_000);
  assert.equal(ran, []);
  const { resumed } = await engine.resume({ id });
  assert.is(resumed.length, 1);
  assert.equal(ran, []);
  await resumed[0]?.unpause();
  assert.is(await resumed[0]?.result(), 55);
  await engine.close();
});

test('a session that was asked to cancel before its host died is cancelled by the next', async () => {
  const { id, store, open } = await leftBehind({ stuckAt: new Set([5]) }, oneTo(10));
  const settled = await completedIn(store, id);
  await store.requestSession(id, { cancelReason: 'enough' });
  const { job, ran } = sumJob();
  const { engine } = await open([job]);
  const { resumed } = await engine.resume();
  const outcome = await resumed[0]?.outcome();
  assert.is(outcome?.status, 'cancelled');
  assert.is(outcome?.counts.batches.cancelled, 5 - settled.length);
  assert.equal(ran, []);
  await engine.close();
});

test('a session whose host died while finalizing is finalized by the next, under the same id', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { store: reachable, die } = mortal(store);
  const ids: string[] = [];
  const finalizing = (isStuck: boolean) =>
    defineJob(defineWork({ each: (item: number) => item }), {
      name: 'finalizing',
      source: (input: Numbers) => input,
      chunk: byCount(2),
      combine: (left, right) => left + right,
      finalize: async ({ combined, finalizeId }) => {
        ids.push(finalizeId);
        if (isStuck) await gate().opened;
        return combined ?? 0;
      },
    });
  const dying = finalizing(true);
  const { engine: dead } = await openWorld([dying], { clock, store: reachable });
  await dead.start(dying, oneTo(5));
  await until('it finalizes', () => ids.length === 1);
  die();
  await clock.advance(longDead);
  const living = finalizing(false);
  const { engine } = await openWorld([living], { clock, store });
  const { resumed } = await engine.resume();
  assert.is(await resumed[0]?.result(), 15);
  assert.is(ids.length, 2);
  assert.is(ids[0], ids[1]);
  await engine.close();
});

test('what dead hosts left running is ended once nobody can claim any more, and before their batches are taken on', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { store: reachable, die } = mortal(store);
  const stuck = defineJob(defineWork({ each: () => gate().opened }), {
    name: 'stuck',
    source: (input: Numbers) => input,
    chunk: byCount(1),
  });
  const { engine: dead } = await openWorld([stuck], { clock, store: reachable });
  await dead.start(stuck, [1]);
  await until('it is at work', async () => (await store.listSessions({ limit: 1 })).length === 1);
  die();
  await clock.advance(longDead);

  const steps: string[] = [];
  const noted =
    <Given extends readonly unknown[], T>(step: string, act: (...given: Given) => T) =>
    (...given: Given): T => {
      steps.push(step);
      return act(...given);
    };
  const { engine } = await openWorld([stuck], {
    clock,
    store: { ...store, rescue: noted('rescue', store.rescue), adoptSession: noted('adopt', store.adoptSession) },
    residue: { root: '/nowhere', sweep: noted('sweep', async () => undefined), close: noted('close', async () => undefined) },
  });
  assert.equal(steps, ['sweep'], 'at the start');
  await engine.resume();
  assert.equal(steps, ['sweep', 'adopt', 'sweep', 'rescue']);
  await engine.close({ grace: 0 });
  assert.is(steps.at(-1), 'close');
});

test('waiting batches of a dead host are tried again when their time has come', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { store: reachable, die } = mortal(store);
  const ran: number[] = [];
  const job = defineJob(
    defineWork({
      each: (item: number, { attempt }) => {
        ran.push(item);
        if (item === 2 && attempt === 1) throw new Error('later');
        return item;
      },
    }),
    {
      name: 'waiting',
      source: (input: Numbers) => input,
      chunk: byCount(3),
      combine: (left, right) => left + right,
      retry: { attempts: 2, backoff: { type: 'fixed', base: '3h', max: '3h', jitter: false } },
    },
  );
  const { engine: dead } = await openWorld([job], { clock, store: reachable });
  const { id } = await dead.start(job, oneTo(3));
  await until('it waits', async () => (await store.getSession(id))?.counts.batches.failed === 1);
  die();
  await clock.advance(longDead);
  const { engine } = await openWorld([job], { clock, store });
  const { resumed } = await engine.resume();
  await clock.advance(5 * 3_600_000);
  assert.is(await resumed[0]?.result(), 6);
  assert.equal(ran, [1, 2, 3, 2]);
  await engine.close();
});

test('an engine whose lease ran out gives its sessions up, and picks them up again under a new name; handles go on', async () => {
  const clock = manualClock();
  const inner = shared(memory({ clock }));
  const isCut = { off: false };
  const store: Store = {
    ...inner,
    supports: { durable: false, shared: true },
    renewOwner: (owner, ms) => (isCut.off ? Promise.reject(new Error('no connection')) : inner.renewOwner(owner, ms)),
  };
  const stuckAt = new Set([3]);
  const { job, ran } = sumJob({ stuckAt });
  const next = { ...job };
  const { engine, lines } = await openWorld([next], { clock, store, resume: 'auto' });
  const session = await engine.start(next, oneTo(6));
  await until('it is stuck', () => ran.includes(3));
  let ended: unknown;
  void session.outcome().then(
    (outcome) => {
      ended = outcome.result;
    },
    (error: MillraceError) => {
      ended = error.code;
    },
  );
  const lastSeen = lastValueFrom(session.progress$);
  isCut.off = true;
  await clock.advance(longDead);
  isCut.off = false;
  stuckAt.clear();
  // To the next beat, where the loss is noticed: no further one is needed.
  await clock.advance(10_000);
  assert.ok(lines.some(({ message }) => message.startsWith('lease lost')));
  await until('it was taken up again', () => ran.filter((item) => item === 3).length === 2);
  assert.is((await inner.getSession(session.id))?.epoch, 2);
  await until('the handle knows how it ended', async () => {
    await clock.advance(500);
    return ended !== undefined;
  });
  assert.is(ended, 21);
  assert.is((await lastSeen).status, 'completed');
  await engine.close();
});

/** A session that is stuck at item 3 until its door opens, in a host whose lease can be cut off from renewal. */
async function stuckWithoutRenewal(resume: 'auto' | 'manual') {
  const clock = manualClock();
  const inner = memory({ clock });
  const isCut = { off: false };
  const store: Store = {
    ...inner,
    renewOwner: (owner, ms) => (isCut.off ? Promise.reject(new Error('no connection')) : inner.renewOwner(owner, ms)),
  };
  const door = gate();
  const ran: number[] = [];
  const work = defineWork({
    each: async (item: number) => {
      ran.push(item);
      if (item === 3) await door.opened;
      return item;
    },
  });
  const job = defineJob(work, {
    name: 'sum',
    source: (input: Numbers) => input,
    chunk: byCount(1),
    combine: (left, right) => left + right,
  });
  const { engine, lines } = await openWorld([job], { clock, store, resume });
  const session = await engine.start(job, oneTo(6));
  await until('it is stuck', () => ran.includes(3));
  return { engine, lines, clock, isCut, door, ran, session, inner };
}

test('where nobody else can have taken over, an engine whose lease ran out simply goes on', async () => {
  const { engine, lines, clock, isCut, door, ran, session } = await stuckWithoutRenewal('manual');
  isCut.off = true;
  await clock.advance(longDead);
  isCut.off = false;
  await clock.advance(10_000);
  assert.ok(lines.some(({ message }) => message.startsWith('lease ran out')));
  door.open();
  assert.is(await session.result(), 21);
  assert.equal(ran, oneTo(6), 'nothing ran twice');
  await engine.close();
});

test('a session whose claims were taken while the lease had run out is taken up anew, and nothing of it is left open', async () => {
  const { engine, clock, isCut, door, ran, session, inner } = await stuckWithoutRenewal('auto');
  isCut.off = true;
  await clock.advance(longDead);
  assert.ok((await inner.rescue(9)) > 0);
  isCut.off = false;
  await clock.advance(10_000);
  door.open();
  let result: number | undefined;
  void session.result().then((value) => {
    result = value;
  });
  await until('it has ended', async () => {
    await clock.advance(1_000);
    return result !== undefined;
  });
  assert.is(result, 21);
  assert.is(ran.filter((item) => item === 3).length, 2, 'the late answer counted for nothing');
  await engine.close();
});

test('an engine that can not be registered anew is registered as soon as the store answers again; starts wait for it', async () => {
  const clock = manualClock();
  const inner = memory({ clock });
  const isCut = { off: false };
  let registrations = 0;
  const store: Store = {
    ...inner,
    supports: { durable: false, shared: true },
    renewOwner: async (owner, ms) => (isCut.off ? undefined : inner.renewOwner(owner, ms)),
    registerOwner: async (owner, ms) => {
      if (isCut.off) throw new Error('database is locked');
      registrations++;
      return inner.registerOwner(owner, ms);
    },
  };
  const { job } = sumJob();
  const { engine } = await openWorld([job], { clock, store });
  isCut.off = true;
  await clock.advance(15_000);
  const started = engine.start(job, oneTo(4));
  await clock.advance(15_000);
  isCut.off = false;
  await clock.advance(15_000);
  assert.is(await (await started).result(), 10);
  assert.is(registrations, 2);
  await engine.close();
});

test('a session that was asked to cancel is cancelled by whoever takes it on, whatever has changed since', async () => {
  const { id, store, open } = await leftBehind({ stuckAt: new Set([3]) }, oneTo(10));
  const next = sumJob({ version: '2' });
  const { engine } = await open([next.job]);
  const session = await engine.find(next.job, { id });
  await session?.cancel('not wanted any more');
  const { resumed, refused } = await engine.resume({ id });
  assert.equal([resumed.length, refused.length], [1, 0]);
  const outcome = await resumed[0]?.outcome();
  assert.is(outcome?.status, 'cancelled');
  assert.is(outcome?.error?.message, 'not wanted any more');
  assert.equal(next.ran, [], 'nothing more of it was run');
  assert.equal(await store.listBatches({ sessionId: id, open: true, limit: 10 }), []);
  await engine.close();
});

test.run();
