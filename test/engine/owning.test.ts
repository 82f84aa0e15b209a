import * as assert from 'uvu/assert';
import { inline } from '../../src/adapters/executors/inline.ts';
import { memory } from '../../src/adapters/stores/memory.ts';
import type { Session } from '../../src/engine/api/session.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { MillraceError } from '../../src/model/errors.ts';
import type { Executor } from '../../src/model/executor.ts';
import type { OwnerId, SessionId, Token } from '../../src/model/ids.ts';
import { defineJob } from '../../src/model/job.ts';
import type { NewSession } from '../../src/model/records.ts';
import type { Store } from '../../src/model/store.ts';
import { defineWork } from '../../src/model/work.ts';
import { gate, openWorld, shared } from '../support/engine-world.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';
import { turns, until } from '../support/turns.ts';

const test = suite('owning');

const leaseMs = 30_000;
const beatMs = leaseMs / 3;
/** More than a lease that was stretched for work in place. */
const stretchedMs = 3_700_000;

/** A job that adds numbers. Its first item waits at a door. */
function addingJob(version = '1') {
  const door = gate();
  const ran: number[] = [];
  const work = defineWork({
    each: async (item: number) => {
      ran.push(item);
      if (item === 1) await door.opened;
      return item;
    },
  });
  const job = defineJob(work, {
    name: 'adding',
    version,
    source: (input: readonly number[]) => input,
    chunk: byCount(1),
    combine: (left, right) => left + right,
  });
  return { job, door, ran };
}

/** A memory store that several hosts may share, of which some methods fail while a test says so. */
function sharedStore(clock: ManualClock) {
  const broken = new Set<keyof Store>();
  const inner = shared(memory({ clock }));
  const store = new Proxy(inner, {
    get(target, name: keyof Store) {
      if (name === 'supports') return { durable: true, shared: true };
      const member = target[name];
      if (typeof member !== 'function' || !broken.has(name)) return member;
      return async () => {
        throw new Error('no connection');
      };
    },
  });
  return { store, broken };
}

async function ends(clock: ManualClock, session: Session<unknown, unknown> | undefined): Promise<unknown> {
  let answer: unknown;
  void session?.result().then(
    (result) => {
      answer = { result };
    },
    (error: MillraceError) => {
      answer = { code: error.code, cause: (error.cause as MillraceError | undefined)?.code };
    },
  );
  await until('the session has ended', async () => {
    await clock.advance(1_000);
    return answer !== undefined;
  });
  return answer;
}

async function ownerOf(store: Store, id: string): Promise<OwnerId> {
  return (await store.getSession(id as SessionId))?.coordinator as OwnerId;
}

test('a claim under this host whose answer never came is handed back after two beats, and its batch runs uncharged', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { job, door, ran } = addingJob();
  const { engine, lines } = await openWorld([job], { clock, store });
  const session = await engine.start(job, [1, 2, 3]);
  const sessionId = session.id as SessionId;
  await until('the first runs', () => ran.length === 1);
  const owner = await ownerOf(store, session.id);
  const claim = { tokens: ['never answered' as Token], numbers: [1] };
  const { sessions } = await store.commit({ owner, sessions: [{ sessionId, epoch: 1, claim }] });
  assert.is(sessions[0]?.claimed.length, 1);
  door.open();
  await until('the others are through', () => ran.length === 2);
  await clock.advance(beatMs);
  const state = async () => (await store.listBatches({ sessionId, numbers: [1], limit: 1 }))[0]?.state;
  assert.is(await state(), 'running', 'one beat is not enough: its answer may be on its way');
  assert.equal(await ends(clock, session), { result: 6 });
  assert.equal(ran, [1, 3, 2]);
  const [attempt] = await store.listAttempts({ sessionId, number: 1, after: 0, limit: 9 });
  assert.is(attempt?.outcome, 'pending');
  assert.is((await store.listBatches({ sessionId, numbers: [1], limit: 1 }))[0]?.attempt, 1);
  assert.ok(lines.some(({ message }) => message === 'claims that nobody holds are handed back'));
  await engine.close();
  assert.is(clock.pending({ background: true }), 0);
});

test('a claim whose answer is on its way is left alone, however many beats it takes', async () => {
  const clock = manualClock();
  const inner = shared(memory({ clock }));
  const answer = gate();
  let held = 0;
  const store: Store = {
    ...inner,
    async commit(commit) {
      const answered = await inner.commit(commit);
      if (held === 0 && commit.sessions.some(({ claim }) => claim)) {
        held++;
        await answer.opened;
      }
      return answered;
    },
  };
  const { job, door, ran } = addingJob();
  door.open();
  const { engine } = await openWorld([job], { clock, store });
  const session = await engine.start(job, [1, 2, 3]);
  for (let beat = 0; beat < 5; beat++) await clock.advance(beatMs);
  assert.equal([held, ran], [1, []]);
  answer.open();
  assert.equal(await ends(clock, session), { result: 6 });
  assert.equal(ran, [1, 2, 3]);
  const attempts = await inner.listAttempts({ sessionId: session.id as SessionId, after: 0, limit: 9 });
  assert.is(attempts.length, 3, 'none was handed back');
  await engine.close();
});

test('an open batch that nobody has in memory is taken up', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { job, door, ran } = addingJob();
  const { engine } = await openWorld([job], { clock, store });
  const session = await engine.start(job, [1, 2, 3]);
  const sessionId = session.id as SessionId;
  await until('the first runs', () => ran.length === 1);
  const other = 'another-host' as OwnerId;
  const token = 'of the other' as Token;
  await store.registerOwner(other, 3_600_000);
  await store.commit({ owner: other, sessions: [{ sessionId, epoch: 1, claim: { tokens: [token], numbers: [1] } }] });
  door.open();
  await until('the others are through', () => ran.length === 2);
  await turns(20);
  const write = { number: 1, from: 'running', to: 'pending', attempt: 0, token } as const;
  await store.commit({ owner: other, sessions: [{ sessionId, epoch: 1, writes: [write] }] });
  assert.equal(await ends(clock, session), { result: 6 });
  assert.equal(ran, [1, 3, 2]);
  await engine.close();
});

test('a session that the store says this host coordinates, and it does not have, is given back and taken on', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { job, door } = addingJob();
  door.open();
  const there = await openWorld([job], { clock, store });
  const first = await there.engine.start(job, [1, 2]);
  await first.outcome();
  const template = (await store.getSession(first.id as SessionId)) as NewSession;
  const { engine, lines } = await openWorld([job], { clock, store, resume: 'auto' });
  const mine = await engine.start(job, [1]);
  const coordinator = await ownerOf(store, mine.id);
  // As an adoption leaves it whose answer never came.
  const lostId = '00000000-0000-4000-8000-000000000001' as SessionId;
  await store.createSession({ ...template, id: lostId, key: 'lost', coordinator });
  assert.is((await store.listSessions({ orphaned: true, limit: 9 })).length, 0);
  await clock.advance(beatMs);
  assert.equal(await ends(clock, await engine.find(job, { id: lostId })), { result: 3 });
  assert.ok(lines.some(({ level, facts }) => level === 'warn' && facts.session === lostId));
  await engine.close();
  await there.engine.close();
});

test('a host that can not load the work of a session leaves it as it is, for one that can', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { job, door, ran } = addingJob();
  const first = await openWorld([job], { clock, store });
  const session = await first.engine.start(job, [1, 2, 3]);
  await until('the first runs', () => ran.length === 1);
  const closing = first.engine.close({ grace: 0 });
  await clock.advance(1_000);
  await closing;
  const broken: Executor = {
    ...inline({ slots: 1 }),
    load: async () => {
      throw new MillraceError('WORK_MODULE', 'no such module here');
    },
  };
  const second = await openWorld([job], { clock, store, resume: 'auto', executors: () => broken });
  for (let beat = 0; beat < 3; beat++) await clock.advance(beatMs);
  assert.ok(second.lines.some(({ facts }) => facts.code === 'WORK_MODULE'));
  const batches = await store.listBatches({ sessionId: session.id as SessionId, limit: 9 });
  assert.equal(
    batches.map(({ state, attempt }) => `${state} ${attempt}`),
    ['pending 0', 'pending 0', 'pending 0'],
  );
  await second.engine.close();
  door.open();
  const third = await openWorld([job], { clock, store });
  const { resumed } = await third.engine.resume();
  assert.equal(await ends(clock, resumed[0]), { result: 6 });
  await third.engine.close();
});

for (const resume of ['auto', 'manual'] as const) {
  test(`a host whose lease ran out takes all its sessions back that no other has taken, paused ones too (${resume})`, async () => {
    const clock = manualClock();
    const { store, broken } = sharedStore(clock);
    const { job, door, ran } = addingJob();
    const { engine, lines } = await openWorld([job], { clock, store, resume });
    const sessions = await Promise.all(['a', 'b', 'c'].map((key) => engine.start(job, [1, 2, 3], { key })));
    const paused = await engine.start(job, [4, 5], { key: 'paused' });
    await paused.pause();
    await until('one runs', () => ran.length >= 1);
    const before = await ownerOf(store, paused.id);
    broken.add('renewOwner');
    await clock.advance(stretchedMs);
    // Another host takes one of them, and no more.
    const taken = sessions[2]?.id as SessionId;
    const other = 'another-host' as OwnerId;
    await store.registerOwner(other, 36_000_000);
    assert.is((await store.adoptSession(taken, other))?.epoch, 2);
    broken.clear();
    await clock.advance(beatMs);
    door.open();
    for (const session of sessions.slice(0, 2)) assert.equal(await ends(clock, session), { result: 6 });
    const after = await ownerOf(store, paused.id);
    assert.is.not(after, before, 'under a new name');
    await paused.unpause();
    assert.equal(await ends(clock, paused), { result: 9 });
    assert.is(await ownerOf(store, taken), other, 'the one that was taken stays where it is');
    assert.ok(lines.some(({ message }) => message.startsWith('lease lost')));
    await store.leaveSession(taken, 2);
    if (resume === 'manual') await engine.resume({ id: taken });
    assert.equal(await ends(clock, sessions[2]), { result: 6 }, 'and its handle follows it');
    await engine.close();
    assert.is(clock.pending({ background: true }), 0);
  });
}

test('whoever waits for a session that was lost with the lease, and can not be taken back, hears why', async () => {
  const clock = manualClock();
  const { store, broken } = sharedStore(clock);
  const { job, ran } = addingJob();
  let fingerprint = 'before';
  const definition = { ...job.definition, fingerprint: () => fingerprint };
  const changing: typeof job = { name: job.name, definition };
  const { engine, lines } = await openWorld([changing], { clock, store });
  const session = await engine.start(changing, [1, 2, 3]);
  await until('one runs', () => ran.length === 1);
  broken.add('renewOwner');
  await clock.advance(stretchedMs);
  fingerprint = 'after';
  broken.clear();
  assert.equal(await ends(clock, session), { code: 'ENGINE_CLOSED', cause: 'INPUT_CHANGED' });
  assert.ok(lines.some(({ message, facts }) => message === 'session not resumed' && facts.code === 'INPUT_CHANGED'));
  assert.is((await store.getSession(session.id as SessionId))?.state, 'running.draining', 'and the session is there');
  await engine.close();
});

test.run();
