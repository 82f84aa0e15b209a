import type { ErrorInfo } from '../../model/errors.ts';
import type { OwnerId, SessionId, Token } from '../../model/ids.ts';
import type { BatchState, SessionState } from '../../model/moves.ts';
import type { BatchRecord, NewBatch, NewSession, SessionRecord } from '../../model/records.ts';
import type { BatchWrite, SessionAnswer, SessionCommit, SessionWrite } from '../../model/store.ts';
import type { StoreWorld } from './store-case.ts';

/** How long the scene's owners live without a renewal. */
export const leaseMs = 30_000;

/** The scene's host. */
export const host = 'host-1' as OwnerId;

/** Another one. */
export const otherHost = 'host-2' as OwnerId;

/** An error for attempts that fail. */
export const failure: ErrorInfo = {
  name: 'Error',
  message: 'no luck',
  category: 'error',
  details: { status: 503, host: 'a\u0000', fatal: false, hint: null },
};

/** A session's id, different for each number. */
export function sessionIdOf(number: number): SessionId {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}` as SessionId;
}

/** A session as its creator gives it. */
export function newSession(number: number, changes: Partial<NewSession> = {}): NewSession {
  return {
    id: sessionIdOf(number),
    job: 'sum',
    version: '1',
    key: `key-${number}`,
    priority: 0,
    coordinator: host,
    input: '{"file":"a.txt"}',
    settings: null,
    fingerprint: 'f1',
    chunking: 'count:1',
    policies: '{}',
    metadata: null,
    keepMs: null,
    ...changes,
  };
}

/** A batch as it is cut: one item. */
export function newBatch(number: number, changes: Partial<NewBatch> = {}): NewBatch {
  return {
    number,
    first: number,
    items: 1,
    before: 0,
    after: 0,
    range: null,
    hash: null,
    taskId: null,
    slice: null,
    lastItem: null,
    ...changes,
  };
}

/** A running session of a living host, and short ways to act on it. */
export interface Scene {
  readonly id: SessionId;
  commit(part: Partial<SessionCommit>, owner?: OwnerId): Promise<SessionAnswer>;
  /** Adds batches behind those that are there. */
  enqueue(count: number, changes?: Partial<NewBatch>, ended?: boolean): Promise<SessionAnswer>;
  /** Claims the first `count` batches, or these numbers. Tokens are `t1`, `t2`... in the order of claims. */
  claim(what: number | readonly number[], owner?: OwnerId): Promise<readonly BatchRecord[]>;
  /** Writes for a claimed batch. Answers whether it was done. */
  settle(batch: BatchRecord, to: BatchState, changes?: Partial<BatchWrite>): Promise<boolean>;
  /** Writes once. Answers whether it was done. */
  write(write: BatchWrite): Promise<boolean>;
  /** Brings a new batch into a state, by legal moves. */
  bring(state: BatchState): Promise<BatchRecord>;
  batch(number: number): Promise<BatchRecord>;
  session(): Promise<SessionRecord>;
  move(from: SessionState, to: SessionState, changes?: Partial<SessionWrite>): Promise<boolean>;
}

/** Makes a scene: the host is registered, its session runs. */
export async function startScene(world: StoreWorld, number = 1, changes: Partial<NewSession> = {}): Promise<Scene> {
  const session = newSession(number, changes);
  await world.store.registerOwner(host, leaseMs);
  await world.store.createSession(session);
  const scene = sceneOf(world, session.id);
  await scene.move('pending', 'running.streaming');
  return scene;
}

/** Short ways to act on a session that is there. */
export function sceneOf(world: StoreWorld, id: SessionId): Scene {
  let chunks = 0;
  let items = 0;
  let tokens = 0;
  const commit: Scene['commit'] = async (part, owner = host) => {
    const { sessions } = await world.store.commit({ owner, sessions: [{ sessionId: id, epoch: 1, ...part }] });
    return first(sessions);
  };
  const scene: Scene = {
    id,
    commit,
    async enqueue(count, changes = {}, ended = false) {
      const batches = Array.from({ length: count }, (_, index) => newBatch(chunks + index, changes));
      chunks += count;
      items += batches.reduce((sum, batch) => sum + batch.items, 0);
      return commit({ enqueue: { batches, position: { chunks, items, ended } } });
    },
    async claim(what, owner = host) {
      const count = typeof what === 'number' ? what : what.length;
      const claim = { tokens: Array.from({ length: count }, () => `${id.slice(-2)}t${++tokens}` as Token) };
      const { claimed } = await commit({ claim: typeof what === 'number' ? claim : { ...claim, numbers: what } }, owner);
      return claimed;
    },
    async settle(batch, to, changes = {}) {
      const token = batch.token ? { token: batch.token } : {};
      return scene.write({ number: batch.number, from: 'running', to, attempt: batch.attempt, ...token, ...changes });
    },
    async write(write) {
      return first((await commit({ writes: [write] })).written);
    },
    bring: async (state) => bring(scene, state),
    async batch(wanted) {
      return first(await world.store.listBatches({ sessionId: id, numbers: [wanted], limit: 1 }));
    },
    async session() {
      return first([await world.store.getSession(id)].flatMap((found) => found ?? []));
    },
    async move(from, to, changes = {}) {
      return (await world.store.moveSession({ id, epoch: 1, from, to, ...changes })).moved;
    },
  };
  return scene;
}

async function bring(scene: Scene, state: BatchState): Promise<BatchRecord> {
  const { counts } = await scene.enqueue(1);
  const number = counts.batches.total - 1;
  if (state === 'cancelled') await scene.write({ number, from: 'pending', to: 'cancelled', attempt: 0 });
  if (state === 'cancelled' || state === 'pending') return scene.batch(number);
  const batch = first(await scene.claim([number]));
  if (state !== 'running') await scene.settle(batch, state, state === 'completed' ? { itemsCompleted: 1 } : { error: failure });
  return scene.batch(number);
}

/** The first of a list that has one. */
export function first<T>(list: readonly T[]): T {
  if (list.length === 0) throw new Error('there is nothing where one was expected');
  return list[0] as T;
}
