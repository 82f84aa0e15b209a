import type { Payload } from '../../../model/codec.ts';
import type { ErrorInfo } from '../../../model/errors.ts';
import type { OwnerId, SessionId, Token } from '../../../model/ids.ts';
import type { BatchState } from '../../../model/moves.ts';
import type { AttemptRecord, BatchRecord, Isolation, NewBatch } from '../../../model/records.ts';

/**
 * A batch as this store keeps it: what every batch has. The number is its place in the session's list.
 * Moments are milliseconds since the session's creation: small whole numbers need no heap object of their own.
 */
export interface BatchRow {
  readonly first: number;
  items: number;
  hash: string | null;
  state: BatchState;
  /** Items completed so far. */
  completed: number;
  attempt: number;
  /** Claims so far. */
  execution: number;
  /** The newest claim. Kept by a completed batch, whose last attempt is not listed in `rare`. */
  token: Token | null;
  owner: OwnerId | null;
  readonly enqueuedAt: number;
  claimedAt: number;
  endedAt: number;
  ms: number | null;
  output: RowOutput | null;
  readonly cut: CutFields | null;
  rare: RareFields | null;
}

/** What some jobs' batches have from the start. */
type CutFields = Pick<NewBatch, 'before' | 'after' | 'range' | 'taskId' | 'slice' | 'lastItem'>;

/** What batches have that did not end well at once. */
export interface RareFields {
  suspect: boolean;
  hostDeaths: number;
  isolation: Isolation | null;
  /** Items of its dead letters, purged ones included. */
  givenUp: number;
  remaining: readonly number[] | null;
  retryAt: number | null;
  error: ErrorInfo | null;
  attempts: AttemptRecord[];
  /** Completed by an output of the cache. */
  cached: boolean;
}

/** Outputs of a batch, the newest first. */
export interface RowOutput {
  readonly places: readonly number[] | null;
  readonly data: Payload;
  readonly older: RowOutput | null;
  /** What was counted with it. */
  readonly counters?: Readonly<Record<string, number>>;
}

/** No moment. */
export const never = -1;

/** A row for a batch that was just cut. */
export function newRow(batch: NewBatch, enqueuedAt: number): BatchRow {
  return {
    first: batch.first,
    items: batch.items,
    hash: batch.hash,
    state: 'pending',
    completed: 0,
    attempt: 0,
    execution: 0,
    token: null,
    owner: null,
    enqueuedAt,
    claimedAt: never,
    endedAt: never,
    ms: null,
    output: null,
    cut: cutFields(batch),
    rare: null,
  };
}

function cutFields({ before, after, range, taskId, slice, lastItem }: NewBatch): CutFields | null {
  const isBare = before === 0 && after === 0 && range === null && taskId === null && slice === null && lastItem === null;
  return isBare ? null : { before, after, range: range && Object.freeze({ ...range }), taskId, slice, lastItem };
}

/** The row's rare fields, made when first needed. */
export function rareOf(row: BatchRow): RareFields {
  row.rare ??= {
    suspect: false,
    hostDeaths: 0,
    isolation: null,
    givenUp: 0,
    remaining: null,
    retryAt: null,
    error: null,
    attempts: [],
    cached: false,
  };
  return row.rare;
}

/** The row as others see it. */
export function batchRecord(sessionId: SessionId, createdAt: number, number: number, row: BatchRow): BatchRecord {
  const { cut, rare } = row;
  const running = row.state === 'running';
  return {
    sessionId,
    number,
    first: row.first,
    items: row.items,
    before: cut?.before ?? 0,
    after: cut?.after ?? 0,
    range: cut?.range ?? null,
    hash: row.hash,
    taskId: cut?.taskId ?? null,
    slice: cut?.slice ?? null,
    lastItem: cut?.lastItem ?? null,
    state: row.state,
    completed: row.completed,
    attempt: row.attempt,
    token: running ? row.token : null,
    owner: running ? row.owner : null,
    suspect: rare?.suspect ?? false,
    hostDeaths: rare?.hostDeaths ?? 0,
    isolation: rare?.isolation ?? null,
    remaining: rare?.remaining ?? null,
    retryAt: rare?.retryAt ?? null,
    enqueuedAt: createdAt + row.enqueuedAt,
    claimedAt: row.claimedAt === never ? null : createdAt + row.claimedAt,
    endedAt: row.endedAt === never ? null : createdAt + row.endedAt,
    error: rare?.error ?? null,
  };
}

/** Every ended attempt of a batch, oldest first. */
export function attemptsOf(sessionId: SessionId, createdAt: number, number: number, row: BatchRow): readonly AttemptRecord[] {
  const earlier = row.rare?.attempts ?? [];
  if (row.state !== 'completed' || row.token === null) return earlier;
  return [...earlier, endedAttempt(sessionId, createdAt, number, row, null, createdAt + row.endedAt)];
}

/** The newest attempt, as the record it leaves behind. */
export function endedAttempt(
  sessionId: SessionId,
  createdAt: number,
  number: number,
  row: BatchRow,
  error: ErrorInfo | null,
  endedAt: number,
): AttemptRecord {
  return Object.freeze({
    sessionId,
    number,
    execution: row.execution,
    token: row.token as Token,
    owner: row.owner as OwnerId,
    outcome: row.state,
    category: error?.category ?? null,
    error,
    claimedAt: createdAt + row.claimedAt,
    endedAt,
    ms: row.ms,
  });
}
