import * as assert from 'uvu/assert';
import { createWriter, type PartAnswer } from '../../src/engine/ports/commit.ts';
import type { Persist } from '../../src/engine/ports/persist.ts';
import type { OwnerId, SessionId, Token } from '../../src/model/ids.ts';
import type { BatchRecord } from '../../src/model/records.ts';
import type { Commit, CommitAnswer, SessionAnswer, SessionCommit, Store } from '../../src/model/store.ts';
import { gate } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';
import { turns } from '../support/turns.ts';

const test = suite('commit');

const one = 'one' as SessionId;
const two = 'two' as SessionId;

const counts = {
  items: { total: 0, completed: 0, failed: 0, cancelled: 0 },
  batches: { total: 0, pending: 0, running: 0, completed: 0, failed: 0, crashed: 0, cancelled: 0 },
};

/** A store that writes nothing and keeps what it was asked: writes and claims of the numbers in `refused` are not done. */
function world(refused: ReadonlySet<number> = new Set(), before: () => Promise<unknown> = async () => undefined) {
  const commits: Commit[] = [];
  const numbers = new Map<SessionId, number>();
  const answerOf = (part: SessionCommit): SessionAnswer => {
    const written = (part.writes ?? []).map(({ number }) => !refused.has(number));
    const claimed = (part.claim?.tokens ?? []).flatMap((token, index) => {
      const number = part.claim?.numbers?.[index] ?? -1;
      return refused.has(number) ? [] : [{ number, token } as BatchRecord];
    });
    const done = written.filter(Boolean).length + (part.enqueue ? 1 : 0) + claimed.length;
    const eventNumber = (numbers.get(part.sessionId) ?? 0) + done;
    numbers.set(part.sessionId, eventNumber);
    return {
      written,
      enqueued: part.enqueue !== undefined,
      claimed,
      counts,
      counters: {},
      lowestOpen: 0,
      nextDueAt: null,
      eventNumber,
      paused: false,
      cancelReason: null,
    };
  };
  const commit = async (asked: Commit): Promise<CommitAnswer> => {
    await before();
    commits.push(asked);
    return { now: 7, sessions: asked.sessions.map(answerOf) };
  };
  const persist = Object.assign(<T>(write: () => Promise<T>) => write(), { trouble: () => null, close: () => undefined });
  const writer = createWriter({
    store: { commit } as unknown as Store,
    owner: () => 'owner' as OwnerId,
    persist: persist as Persist,
  });
  return { writer, commits };
}

const settle = (sessionId: SessionId, ...batches: number[]) => ({
  sessionId,
  epoch: 1,
  writes: batches.map((number) => ({ number, from: 'running', to: 'completed', attempt: 1 }) as const),
});

const claim = (sessionId: SessionId, ...batches: number[]) => ({
  sessionId,
  epoch: 1,
  claim: { tokens: batches.map((number) => `t${number}` as Token), numbers: batches },
});

const enqueue = (sessionId: SessionId) => ({
  sessionId,
  epoch: 1,
  enqueue: { batches: [], position: { chunks: 0, items: 0, ended: false } },
});

const claimedIn = ({ claimed }: PartAnswer): number[] => claimed.map(({ number }) => number);

test('what is submitted in one turn travels in one transaction, each session once', async () => {
  const { writer, commits } = world();
  await Promise.all([writer.submit(settle(one, 1)), writer.submit(claim(two, 5)), writer.submit(claim(one, 2, 3))]);
  assert.is(commits.length, 1);
  assert.equal(
    commits[0]?.sessions.map(({ sessionId, writes, claim: claims }) => [
      sessionId,
      writes?.length ?? 0,
      claims?.tokens.length ?? 0,
    ]),
    [
      [one, 1, 2],
      [two, 0, 1],
    ],
  );
});

test('what comes while a transaction is under way gathers for the next', async () => {
  const door = gate();
  const { writer, commits } = world(new Set(), () => door.opened);
  const first = writer.submit(settle(one, 1));
  await turns(2);
  const others = [2, 3, 4].map((number) => writer.submit(settle(one, number)));
  await turns(2);
  assert.is(commits.length, 0);
  door.open();
  await Promise.all([first, ...others]);
  assert.equal(
    commits.map(({ sessions }) => sessions[0]?.writes?.map(({ number }) => number)),
    [[1], [2, 3, 4]],
  );
});

test('each part gets the answers to its own rows', async () => {
  const { writer } = world(new Set([2, 6]));
  const [a, b, c, d] = await Promise.all([
    writer.submit(settle(one, 1, 2)),
    writer.submit(claim(one, 5, 6, 7)),
    writer.submit(settle(one, 3)),
    writer.submit(claim(one, 6, 8)),
  ]);
  assert.equal([a?.written, b?.written, c?.written, d?.written], [[true, false], [], [true], []]);
  assert.equal(
    [a, b, c, d].map((answer) => claimedIn(answer as PartAnswer)),
    [[], [5, 7], [], [8]],
  );
});

test('event numbers of the parts are consecutive: first the writes, then the enqueue, then the claims', async () => {
  const { writer } = world(new Set([2]));
  await writer.submit(settle(one, 9));
  const [a, b, c, d] = await Promise.all([
    writer.submit(claim(one, 5, 6)),
    writer.submit(settle(one, 1, 2, 3)),
    writer.submit(enqueue(one)),
    writer.submit(settle(one, 4)),
  ]);
  assert.is(b?.firstEvent.writes, 2, 'writes 1 and 3');
  assert.is(d?.firstEvent.writes, 4, 'write 4');
  assert.is(c?.enqueueEvent?.eventNumber, 5);
  assert.is(a?.firstEvent.claims, 6, 'claims 5 and 6');
  assert.is(a?.session.eventNumber, 7);
});

test('parts are answered in the order of their events, so that these are told in the order of their numbers', async () => {
  const { writer } = world();
  const told: string[] = [];
  const tell = (name: string) => (): void => void told.push(name);
  await Promise.all([
    writer.submit(claim(one, 5)).then(tell('claim')),
    writer.submit(enqueue(one)).then(tell('enqueue')),
    writer.submit(settle(one, 1)).then(tell('first write')),
    writer.submit(settle(one, 2)).then(tell('second write')),
  ]);
  assert.equal(told, ['first write', 'second write', 'enqueue', 'claim']);
});

test('parts of another epoch of a session are not mixed with it', async () => {
  const { writer, commits } = world();
  await Promise.all([writer.submit(settle(one, 1)), writer.submit({ ...settle(one, 2), epoch: 2 })]);
  assert.equal(
    commits[0]?.sessions.map(({ epoch }) => epoch),
    [1, 2],
  );
});

test('a transaction is closed after some thousand rows', async () => {
  const { writer, commits } = world();
  const rows = Array.from({ length: 900 }, (_, index) => index);
  await Promise.all([1, 2, 3, 4, 5, 6].map(() => writer.submit(settle(one, ...rows))));
  const sizes = commits.map(({ sessions }) => sessions.reduce((sum, { writes }) => sum + (writes?.length ?? 0), 0));
  assert.is(
    sizes.reduce((sum, size) => sum + size, 0),
    5_400,
  );
  assert.ok(sizes.length > 1 && sizes.every((size) => size <= 4_000), sizes.join(' '));
});

test('a part that is larger than a transaction goes alone', async () => {
  const { writer, commits } = world();
  const rows = Array.from({ length: 10_000 }, (_, index) => index);
  await Promise.all([writer.submit(settle(one, ...rows)), writer.submit(settle(one, 1))]);
  assert.equal(
    commits.map(({ sessions }) => sessions[0]?.writes?.length),
    [10_000, 1],
  );
});

test('every part of a transaction that failed for good is told', async () => {
  const { writer } = world(new Set(), () => Promise.reject(new Error('gone')));
  const ended = await Promise.allSettled([writer.submit(settle(one, 1)), writer.submit(claim(two, 2))]);
  assert.equal(
    ended.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
});

test('is idle once nothing waits to be written', async () => {
  const door = gate();
  const { writer } = world(new Set(), () => door.opened);
  await writer.idle();
  let isIdle = false;
  void writer.submit(settle(one, 1));
  const idle = writer.idle().then(() => {
    isIdle = true;
  });
  await turns(3);
  assert.not.ok(isIdle);
  door.open();
  await idle;
});

test.run();
