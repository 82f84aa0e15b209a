import { type BatchState, isBatchMove } from '../../model/moves.ts';
import type { Counts } from '../../model/outcome.ts';
import type { Isolation, Position } from '../../model/records.ts';
import type { BatchWrite, SessionCommit } from '../../model/store.ts';

/** What a batch counts as. */
export type BatchStatus = Exclude<keyof Counts['batches'], 'total' | 'cached'>;

const statuses: Readonly<Record<BatchState, BatchStatus>> = {
  pending: 'pending',
  running: 'running',
  completed: 'completed',
  'failed.waiting': 'failed',
  'failed.isolating': 'failed',
  'failed.dead': 'failed',
  'crashed.deciding': 'crashed',
  'crashed.waiting': 'crashed',
  'crashed.isolating': 'crashed',
  'crashed.dead': 'crashed',
  cancelled: 'cancelled',
};

/** A session's counts while they change. Also used for what one write adds to them. */
export interface Tally extends Record<BatchStatus, number> {
  items: number;
  itemsCompleted: number;
  itemsFailed: number;
  itemsCancelled: number;
  /** Of the cancelled ones. */
  itemsDuplicate: number;
  /** Of the completed batches. */
  cached: number;
}

/** A tally of nothing. */
export function emptyTally(): Tally {
  return {
    items: 0,
    itemsCompleted: 0,
    itemsFailed: 0,
    itemsCancelled: 0,
    itemsDuplicate: 0,
    cached: 0,
    pending: 0,
    running: 0,
    completed: 0,
    failed: 0,
    crashed: 0,
    cancelled: 0,
  };
}

/** Notes that a batch went from one state to another. */
export function tallyMove(tally: Tally, from: BatchState, to: BatchState): void {
  tally[statuses[from]]--;
  tally[statuses[to]]++;
}

/** A tally in the form that answers have. */
export function countsOf(tally: Tally): Counts {
  const { pending, running, completed, failed, crashed, cancelled, cached } = tally;
  const total = pending + running + completed + failed + crashed + cancelled;
  return {
    items: {
      total: tally.items,
      completed: tally.itemsCompleted,
      failed: tally.itemsFailed,
      cancelled: tally.itemsCancelled,
      ...(tally.itemsDuplicate > 0 && { duplicate: tally.itemsDuplicate }),
    },
    batches: { total, pending, running, completed, failed, crashed, cancelled, ...(cached > 0 && { cached }) },
  };
}

/** The tally that has these counts. */
export function tallyFrom({ items, batches: { total, cached = 0, ...batches } }: Counts): Tally {
  const { total: all, completed, failed, cancelled, duplicate = 0 } = items;
  const ofItems = { items: all, itemsCompleted: completed, itemsFailed: failed, itemsCancelled: cancelled };
  return { ...ofItems, itemsDuplicate: duplicate, cached, ...batches };
}

/** Whether a write is one that stores carry out: a legal move, and not into `running`, which only a claim does. */
export function isLegalWrite(write: BatchWrite): boolean {
  return write.to !== 'running' && isBatchMove(write.from, write.to);
}

/**
 * Whether a write tells that the session gets on, so that takeovers count from 0 again: a worker answered, or a batch was given up.
 * What was only handed back tells nothing.
 */
export function isProgress({ from, to }: BatchWrite): boolean {
  if (from === 'running') return to !== 'pending' && to !== 'cancelled';
  return from === 'crashed.deciding' && isDead(to);
}

/** Whether only a claim's own settle leads from it to the write's state: rescue and the end of a session lead to others. */
export function endsClaim({ from, to }: BatchWrite): boolean {
  return from === 'running' && to !== 'crashed.deciding' && to !== 'cancelled';
}

/** Whether an enqueue leads to where the source has been cut: it was done before. */
export function isReached(reached: Position, { batches, position }: NonNullable<SessionCommit['enqueue']>): boolean {
  const { chunks, items, ended } = position;
  const last = batches.at(-1);
  const isLast = last === undefined || last.number === chunks - 1;
  return isLast && chunks === reached.chunks && items === reached.items && ended === reached.ended;
}

/** Whether a batch can be claimed at any time. */
export function isReady(state: BatchState): boolean {
  return state === 'pending' || state === 'failed.isolating' || state === 'crashed.isolating';
}

/** Whether a claim runs only a part of the batch, to find the item that kills it: that is no attempt at the batch. */
export function isProbing(isolation: Isolation | null): boolean {
  return isolation !== null && isolation.phase !== 'rest';
}

/** Whether a batch waits for its time. */
export function isWaiting(state: BatchState): boolean {
  return state === 'failed.waiting' || state === 'crashed.waiting';
}

/** Whether a batch was given up, so that only a replay leads on. */
export function isDead(state: BatchState): boolean {
  return state === 'failed.dead' || state === 'crashed.dead';
}
