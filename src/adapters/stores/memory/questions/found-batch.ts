import type { FoundBatch } from '../../../../model/questions.ts';
import { type BatchRow, never } from '../batch-row.ts';
import type { SessionEntry } from '../session-entry.ts';
import type { MemoryState } from '../state.ts';

/** A batch and where it is. */
export interface Place {
  readonly entry: SessionEntry;
  /** The place of its session among all, in the order of their creation. */
  readonly order: number;
  readonly number: number;
  readonly row: BatchRow;
}

/** Every batch of the sessions that pass, in the order of their creation: this store's arrays are its index. */
export function* placesOf(state: MemoryState, passes: (entry: SessionEntry) => boolean = () => true): Generator<Place> {
  let order = 0;
  for (const entry of state.sessions.values()) {
    order++;
    if (!passes(entry)) continue;
    for (const [number, row] of entry.rows.entries()) yield { entry, order, number, row };
  }
}

/** A moment of a row; null: there is none. */
export function momentOf({ createdAt }: SessionEntry, offset: number): number | null {
  return offset === never ? null : createdAt + offset;
}

/** The batch of a place. */
export function foundBatch({ entry, number, row }: Place): FoundBatch {
  const { given, createdAt } = entry;
  return {
    sessionId: given.id,
    job: given.job,
    key: given.key,
    number,
    taskId: row.cut?.taskId ?? null,
    state: row.state,
    first: row.first,
    items: row.items,
    attempt: row.attempt,
    ms: row.state === 'completed' ? row.ms : null,
    enqueuedAt: createdAt + row.enqueuedAt,
    claimedAt: momentOf(entry, row.claimedAt),
    endedAt: momentOf(entry, row.endedAt),
    error: row.rare?.error ?? null,
  };
}

/** Batches of the same rank in the order of their sessions, then their numbers. */
export function byPlace(left: Place, right: Place): number {
  return left.order - right.order || left.number - right.number;
}

/** The first `limit` of what is found, in order: no more than a few times as many are ever held or sorted. */
export function firstOf<T>(found: Iterable<T>, limit: number, compare: (left: T, right: T) => number): readonly T[] {
  const most = 2 * limit + 50;
  let held: T[] = [];
  let worst: T | undefined;
  for (const one of found) {
    if (worst !== undefined && compare(one, worst) >= 0) continue;
    if (held.push(one) < most) continue;
    held = held.sort(compare).slice(0, limit);
    worst = held.at(-1);
  }
  return held.sort(compare).slice(0, limit);
}
