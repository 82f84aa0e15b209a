import type { OwnerId, SessionId } from '../../model/ids.ts';
import type { BatchRecord } from '../../model/records.ts';
import type { BatchWrite, ClaimRequest, SessionAnswer, SessionCommit, Store } from '../../model/store.ts';
import type { Persist } from './persist.ts';

/** Batches to record, and how far the source has been cut with them. */
export type Enqueue = NonNullable<SessionCommit['enqueue']>;

/** What one step wants written for one session. */
export interface Part {
  readonly sessionId: SessionId;
  readonly epoch: number;
  readonly writes?: readonly BatchWrite[];
  readonly enqueue?: Enqueue;
  readonly claim?: ClaimRequest & { readonly numbers: readonly number[] };
}

/** What became of a part. Event numbers are those of its own first write and claim. */
export interface PartAnswer {
  readonly now: number;
  readonly session: SessionAnswer;
  readonly written: readonly boolean[];
  readonly claimed: readonly BatchRecord[];
  readonly firstEvent: { readonly writes: number; readonly claims: number };
  /** The event of all enqueues that travelled together: told to the first of them. */
  readonly enqueueEvent: { readonly eventNumber: number; readonly batches: number } | null;
}

/** Groups writes: what comes while another write is under way, or in the same turn of the loop, travels in one transaction. */
export interface Writer {
  submit(part: Part): Promise<PartAnswer>;
  /** Resolves when nothing waits to be written. */
  idle(): Promise<void>;
}

interface Entry {
  readonly part: Part;
  /** Who asked: a host that lost its lease meanwhile must not claim, under its new id, for what it has let go of. */
  readonly owner: OwnerId;
  readonly resolve: (answer: PartAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** Rows after which a transaction is closed: more than a few groups need. Grouping gains 12x from 1 to 1,000 rows, and hardly more beyond. */
const mostRows = 4_000;

export function createWriter(ports: { store: Store; owner: () => OwnerId; persist: Persist }): Writer {
  const queue: Entry[] = [];
  let writing = false;
  let scheduled = false;
  const idleCallbacks: (() => void)[] = [];

  const settleIdle = (): void => {
    if (writing || queue.length > 0) return;
    for (const callback of idleCallbacks.splice(0)) callback();
  };
  const schedule = (): void => {
    if (scheduled || writing) return;
    scheduled = true;
    setImmediate(flush);
  };
  const flush = (): void => {
    scheduled = false;
    if (queue.length === 0 || writing) return;
    writing = true;
    void write(takeEntries(queue)).finally(() => {
      writing = false;
      if (queue.length > 0) schedule();
      settleIdle();
    });
  };
  const write = async (entries: readonly Entry[]): Promise<void> => {
    const [{ owner }] = entries as [Entry];
    const groups = bySession(entries);
    const sessions = groups.map(mergeParts);
    let committed = false;
    try {
      const answer = await ports.persist(() => ports.store.commit({ owner, sessions }));
      committed = true;
      for (const [index, group] of groups.entries()) answerParts(group, answer.sessions[index] as SessionAnswer, answer.now);
    } catch (error) {
      // What one session can't have written is not the fault of those that travel with it.
      if (!committed && groups.length > 1) for (const group of groups) await write(group);
      else for (const entry of entries) entry.reject(error);
    }
  };
  return {
    submit(part) {
      return new Promise((resolve, reject) => {
        queue.push({ part, owner: ports.owner(), resolve, reject });
        schedule();
      });
    },
    idle: () =>
      new Promise((resolve) => {
        idleCallbacks.push(resolve);
        settleIdle();
      }),
  };
}

/** What one owner asked for. Never parts new batches from their claims, which come right behind: together they are one write. */
function takeEntries(queue: Entry[]): Entry[] {
  let rows = 0;
  let count = 0;
  for (const { part, owner } of queue) {
    if (owner !== queue[0]?.owner) break;
    const follows = part.claim !== undefined && queue[count - 1]?.part.enqueue !== undefined;
    rows += (part.writes?.length ?? 0) + (part.enqueue?.batches.length ?? 0) + (part.claim?.tokens.length ?? 0);
    if (count > 0 && rows > mostRows && !follows) break;
    count++;
  }
  return queue.splice(0, count);
}

/** Entries of one session and epoch, together in one commit. */
function bySession(entries: readonly Entry[]): Entry[][] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = `${entry.part.sessionId}:${entry.part.epoch}`;
    const group = groups.get(key);
    if (group) group.push(entry);
    else groups.set(key, [entry]);
  }
  return [...groups.values()];
}

function mergeParts(entries: readonly Entry[]): SessionCommit {
  const [first, ...others] = entries.map(({ part }) => part);
  return others.reduce<SessionCommit>(mergeTwo, first as Part);
}

function mergeTwo(left: SessionCommit, right: Part): SessionCommit {
  const enqueue = left.enqueue && right.enqueue ? mergeEnqueues(left.enqueue, right.enqueue) : (left.enqueue ?? right.enqueue);
  const claim = left.claim && right.claim ? mergeClaims(left.claim, right.claim) : (left.claim ?? right.claim);
  const writes = left.writes && right.writes ? [...left.writes, ...right.writes] : (left.writes ?? right.writes);
  const { sessionId, epoch } = right;
  return { sessionId, epoch, ...(writes && { writes }), ...(enqueue && { enqueue }), ...(claim && { claim }) };
}

/** Parts come in the order of the input: each enqueue begins where the last one ended. */
function mergeEnqueues(left: Enqueue, right: Enqueue): Enqueue {
  return { ...left, batches: [...left.batches, ...right.batches], position: right.position };
}

function mergeClaims(left: ClaimRequest, right: ClaimRequest): ClaimRequest {
  const tokens = [...left.tokens, ...right.tokens];
  const numbers = [...(left.numbers ?? []), ...(right.numbers ?? [])];
  if (!left.rate || !right.rate) return { tokens, numbers };
  return { tokens, numbers, rate: { ...left.rate, buckets: [...left.rate.buckets, ...right.rate.buckets] } };
}

/** Hands each part its own rows of the common answer. Events count: writes done, then the enqueue, then claims. */
function answerParts(entries: readonly Entry[], session: SessionAnswer, now: number): void {
  const done = session.written.filter(Boolean).length;
  const enqueues = session.enqueued ? 1 : 0;
  let writeEvent = session.eventNumber - done - enqueues - session.claimed.length + 1;
  let claimEvent = writeEvent + done + enqueues;
  const batches = entries.reduce((sum, { part }) => sum + (part.enqueue?.batches.length ?? 0), 0);
  let enqueueEvent = session.enqueued ? { eventNumber: writeEvent + done, batches } : null;
  let writeIndex = 0;
  let claimIndex = 0;
  const answers: { readonly rank: number; readonly tell: () => void }[] = [];
  for (const { part, resolve } of entries) {
    const written = session.written.slice(writeIndex, writeIndex + (part.writes?.length ?? 0));
    writeIndex += written.length;
    const claimed: BatchRecord[] = [];
    for (const token of part.claim?.tokens ?? []) {
      const record = session.claimed[claimIndex];
      if (record?.token !== token) continue;
      claimed.push(record);
      claimIndex++;
    }
    const firstEvent = { writes: writeEvent, claims: claimEvent };
    const answer = { now, session, written, claimed, firstEvent, enqueueEvent: part.enqueue ? enqueueEvent : null };
    answers.push({ rank: rankOf(part), tell: () => resolve(answer) });
    if (part.enqueue) enqueueEvent = null;
    writeEvent += written.filter(Boolean).length;
    claimEvent += claimed.length;
  }
  // Whoever is answered tells of it: so events go out in the order of their numbers.
  for (const { tell } of answers.sort((left, right) => left.rank - right.rank)) tell();
}

/** Where a part's events come among those of its commit. */
function rankOf({ writes, enqueue }: Part): number {
  if (writes && writes.length > 0) return 0;
  return enqueue ? 1 : 2;
}
