import type { Payload } from '../../../model/codec.ts';
import type { ErrorInfo } from '../../../model/errors.ts';
import type { OwnerId, Timestamp } from '../../../model/ids.ts';
import { isEndedBatch, type SessionState } from '../../../model/moves.ts';
import type { DeadLetter } from '../../../model/outcome.ts';
import type { NewSession, Position, SessionRecord } from '../../../model/records.ts';
import { countsOf, emptyTally, isReady, isWaiting, type Tally } from '../tally.ts';
import type { BatchRow } from './batch-row.ts';
import { createHeap, type Heap } from './heap.ts';

/** A session as this store keeps it, with its batches. */
export interface SessionEntry {
  given: NewSession;
  /** Rises with each session that is recorded. */
  readonly order: number;
  state: SessionState;
  paused: boolean;
  cancelReason: string | null;
  generation: number;
  epoch: number;
  coordinator: OwnerId | null;
  takeovers: number;
  position: Position;
  readonly tally: Tally;
  readonly counters: Map<string, number>;
  result: Payload | null;
  resultGeneration: number | null;
  error: ErrorInfo | null;
  finalizeTries: number;
  eventNumber: number;
  readonly createdAt: Timestamp;
  startedAt: Timestamp | null;
  endedAt: Timestamp | null;
  /** Batches by number: numbers have no gaps. */
  readonly rows: BatchRow[];
  /** Dead letters by the number of their batch, each list by place. */
  readonly letters: Map<number, readonly DeadLetter[]>;
  /** No batch below is open. */
  lowestOpen: number;
  /** No batch below can be claimed, but for those in `claimable` and `waiting`. */
  scanned: number;
  /** Numbers that can be claimed again: handed back, opened again, taken apart, or due. Entries may be stale. */
  readonly claimable: Heap<number>;
  /** Waiting batches that are not in `claimable` yet, earliest first. Entries may be stale. */
  readonly waiting: Heap<WaitingEntry>;
}

interface WaitingEntry {
  readonly number: number;
  readonly retryAt: Timestamp;
}

/** A session that was just recorded. */
export function newEntry(session: NewSession, createdAt: Timestamp, order: number): SessionEntry {
  return {
    given: { ...session },
    order,
    state: 'pending',
    paused: false,
    cancelReason: null,
    generation: 1,
    epoch: 1,
    coordinator: session.coordinator,
    takeovers: 0,
    position: { chunks: 0, items: 0, ended: false },
    tally: emptyTally(),
    counters: new Map(),
    result: null,
    resultGeneration: null,
    error: null,
    finalizeTries: 0,
    eventNumber: 0,
    createdAt,
    startedAt: null,
    endedAt: null,
    rows: [],
    letters: new Map(),
    lowestOpen: 0,
    scanned: 0,
    claimable: createHeap((left, right) => left < right),
    waiting: createHeap((left, right) => left.retryAt < right.retryAt),
  };
}

/** The session as others see it. */
export function sessionRecord(entry: SessionEntry): SessionRecord {
  const { given } = entry;
  return {
    ...given,
    state: entry.state,
    paused: entry.paused,
    cancelReason: entry.cancelReason,
    generation: entry.generation,
    epoch: entry.epoch,
    coordinator: entry.coordinator,
    position: { ...entry.position },
    counts: countsOf(entry.tally),
    counters: Object.fromEntries(entry.counters),
    takeovers: entry.takeovers,
    result: entry.result,
    resultGeneration: entry.resultGeneration,
    error: entry.error,
    finalizeTries: entry.finalizeTries,
    eventNumber: entry.eventNumber,
    createdAt: entry.createdAt,
    startedAt: entry.startedAt,
    endedAt: entry.endedAt,
  };
}

/** The lowest number that has not ended; the number of chunks when all have. Each number is passed once, and once more after a replay. */
export function lowestOpen(entry: SessionEntry): number {
  const { rows } = entry;
  while (entry.lowestOpen < rows.length && isEndedBatch((rows[entry.lowestOpen] as BatchRow).state)) entry.lowestOpen++;
  return entry.lowestOpen;
}

/** When the next waiting batch is due; null when none waits. */
export function nextDueAt(entry: SessionEntry): Timestamp | null {
  let due = nextWaiting(entry)?.retryAt ?? Number.POSITIVE_INFINITY;
  dropStale(entry);
  for (const number of entry.claimable.entries()) {
    const row = entry.rows[number];
    if (row && isWaiting(row.state)) due = Math.min(due, row.rare?.retryAt ?? due);
  }
  return due === Number.POSITIVE_INFINITY ? null : due;
}

function dropStale({ claimable, rows }: SessionEntry): void {
  for (let top = claimable.peek(); top !== undefined; top = claimable.peek()) {
    const { state } = rows[top] as BatchRow;
    if (isReady(state) || isWaiting(state)) return;
    claimable.pop();
  }
}

/** The earliest waiting batch that is not in `claimable`. */
export function nextWaiting(entry: SessionEntry): WaitingEntry | undefined {
  for (let top = entry.waiting.peek(); top; top = entry.waiting.peek()) {
    const row = entry.rows[top.number] as BatchRow;
    if (isWaiting(row.state) && row.rare?.retryAt === top.retryAt) return top;
    entry.waiting.pop();
  }
  return undefined;
}
