import type { Payload } from '../../../../src/model/codec.ts';
import type { ErrorInfo } from '../../../../src/model/errors.ts';
import type { OwnerId, SessionId, Token } from '../../../../src/model/ids.ts';
import type { BatchRecord, NewBatch, NewSession, SessionRecord } from '../../../../src/model/records.ts';
import type { BatchWrite, Store } from '../../../../src/model/store.ts';

/** Every answer of a store, as text, and how many transitions they tell of. */
export interface Played {
  readonly answers: readonly string[];
  readonly transitions: number;
}

/** What goes with a script. */
export interface ScriptOptions {
  readonly transitions: number;
  readonly seed?: number;
  /** Called before each operation of the store. */
  readonly before?: () => Promise<void> | void;
  /** How a call is made: to count what it takes. */
  readonly call?: <T>(make: () => Promise<T>) => Promise<T>;
}

export const host = 'host-1' as OwnerId;

const failure: ErrorInfo = { name: 'Error', message: 'no luck', category: 'error', details: { status: 503 } };

interface Live {
  readonly id: SessionId;
  epoch: number;
  chunks: number;
  running: readonly BatchRecord[];
}

/**
 * Plays a host's life on a store, the same for the same seed: sessions are begun, their batches cut, claimed, settled in every way,
 * retried and given up; sessions end, are replayed, held, pruned. Every answer is kept.
 */
export async function playScript(
  store: Store,
  { transitions, seed = 1, before, call = (make) => make() }: ScriptOptions,
): Promise<Played> {
  const random = randomOf(seed);
  const answers: string[] = [];
  let count = 0;
  let named = 0;
  const ask = async <T>(make: () => Promise<T>): Promise<T> => {
    await before?.();
    const answer = await call(make);
    answers.push(JSON.stringify(answer) ?? 'undefined');
    return answer;
  };
  const live: Live[] = [];
  const ended: SessionRecord[] = [];
  const begin = async (): Promise<void> => {
    const id = idOf(++named);
    await ask(() => store.createSession(newSession(id, named)));
    await ask(() => store.moveSession({ id, epoch: 1, from: 'pending', to: 'running.streaming' }));
    live.push({ id, epoch: 1, chunks: 0, running: [] });
    count += 2;
  };
  const end = async (session: Live): Promise<void> => {
    live.splice(live.indexOf(session), 1);
    const { id, epoch } = session;
    const to = random(2) === 0 ? 'failed' : 'cancelled';
    const from = (await ask(() => store.getSession(id)))?.state ?? 'running.streaming';
    const moved = await ask(() => store.moveSession({ id, epoch, from, to, cancelOpen: true, error: failure }));
    if (moved.session) ended.push(moved.session);
    count += 1 + session.running.length;
  };
  const replay = async (record: SessionRecord): Promise<void> => {
    const dead = await ask(() => store.listBatches({ sessionId: record.id, states: ['failed.dead'], limit: 3 }));
    const batches = dead.map(
      ({ number }): BatchWrite => ({ number, from: 'failed.dead', to: 'pending', attempt: 0, takeBack: [0] }),
    );
    const again = await ask(() => store.replaySession({ id: record.id, owner: host, batches }));
    count += 1 + batches.length;
    if (!again) return;
    ended.splice(ended.indexOf(record), 1);
    live.push({ id: again.id, epoch: again.epoch, chunks: again.position.chunks, running: [] });
  };
  const work = async (session: Live): Promise<void> => {
    const writes = session.running.map((batch) => settled(batch, random));
    const fresh = Array.from({ length: random(9) }, (_, index) => newBatch(session.chunks + index, random));
    const chunks = session.chunks + fresh.length;
    const tokens = Array.from({ length: random(9) }, () => `t${++named}` as Token);
    const enqueue = { batches: fresh, position: { chunks, items: chunks * 2, ended: false } };
    const part = { sessionId: session.id, epoch: session.epoch, writes, claim: { tokens }, ...(fresh.length > 0 && { enqueue }) };
    const { sessions } = await ask(() => store.commit({ owner: host, sessions: [part] }));
    const [answer] = sessions;
    if (answer?.enqueued) session.chunks = chunks;
    session.running = answer?.claimed ?? [];
    count += writes.length + fresh.length + session.running.length;
  };
  const other = async (session: Live): Promise<void> => {
    const { id, epoch } = session;
    const what = random(5);
    if (what === 0) await ask(() => store.requestSession(id, { paused: random(2) === 0 }));
    else if (what === 1) await ask(() => store.countFinalizeTry(id, epoch));
    else if (what === 2) await ask(() => store.purgeDeadLetters({ sessionId: id, number: random(session.chunks + 1) }));
    else if (what === 3) await ask(async () => store.prune({ endedBefore: (await store.now()) - 500, limit: 1 }));
    else await ask(() => store.renewOwner(host, 60_000));
    count++;
  };
  await ask(() => store.registerOwner(host, 60_000));
  while (count < transitions) {
    if (live.length < 6) await begin();
    const session = live[random(live.length)] as Live;
    const what = random(40);
    if (what === 0) await end(session);
    else if (what === 1 && ended.length > 0) await replay(ended[random(ended.length)] as SessionRecord);
    else if (what < 5) await other(session);
    else await work(session);
  }
  await ask(() => store.removeOwner(host));
  return { answers, transitions: count };
}

/** A number below `limit`, the same ones for the same seed. */
export function randomOf(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function idOf(number: number): SessionId {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}` as SessionId;
}

function newSession(id: SessionId, number: number): NewSession {
  const named = { id, job: `job-${number % 3}`, version: '1', key: `key-${number}`, fingerprint: 'f1', chunking: 'count:2' };
  const values = { input: `{"file":"${number}.txt"}`, settings: null, policies: '{}', metadata: null };
  return { ...named, ...values, priority: 0, coordinator: host, keepMs: null };
}

function newBatch(number: number, random: (limit: number) => number): NewBatch {
  const taskId = random(4) === 0 ? `task-${random(50)}` : null;
  const range = random(3) === 0 ? { from: number, to: number + 2, overlapFrom: number - 1, overlapTo: number + 3 } : null;
  const rest = { range, hash: `h${number}`, taskId, slice: null, lastItem: null };
  return { number, first: number * 2, items: 2, before: range ? 1 : 0, after: range ? 1 : 0, ...rest };
}

function settled({ number, attempt, token }: BatchRecord, random: (limit: number) => number): BatchWrite {
  const write = { number, from: 'running', attempt, ...(token && { token }), ms: random(100) / 8 } as const;
  const what = random(10);
  if (what < 6) {
    const data: Payload = random(2) === 0 ? `[${number}]` : new Uint8Array([number & 255, random(256)]);
    return { ...write, to: 'completed', itemsCompleted: 2, output: { places: null, data }, counters: { seen: 2 }, error: null };
  }
  if (what === 6) return { ...write, to: 'failed.waiting', retryInMs: random(40), error: failure };
  if (what === 7) return { ...write, to: 'pending', attempt: attempt - 1 };
  if (what === 8)
    return { ...write, to: 'failed.waiting', retryInMs: 5, error: failure, remaining: [1], itemsCompleted: 1, suspect: true };
  const letter = { itemId: `item-${number}`, place: 0, items: 2, taskId: `t${number}`, error: failure, attempts: attempt };
  return { ...write, to: 'failed.dead', deadLetters: [letter], error: failure };
}
