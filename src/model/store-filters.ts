import type { SessionId, Timestamp } from './ids.ts';
import type { BatchState, SessionState } from './moves.ts';
import type { FailureGroup } from './outcome.ts';

/** Which sessions. What is absent lets all through. */
export interface SessionFilter {
  /** Only this session, if the rest of the filter lets it through. */
  readonly id?: SessionId;
  readonly job?: string;
  readonly states?: readonly SessionState[];
  readonly createdSince?: Timestamp;
  /** Only live sessions that no living owner coordinates. */
  readonly orphaned?: boolean;
  /** Only live sessions with this seat key. */
  readonly seatKey?: string;
  /** Continue behind this session of the page before. */
  readonly after?: SessionId;
  readonly limit: number;
}

/** Which dead letters of a session. */
export interface LetterFilter {
  readonly sessionId: SessionId;
  /** Only those of this batch. */
  readonly number?: number;
  /** Only the one with this item id. */
  readonly itemId?: string;
  /** Only those whose error has this message and category, as `groupFailures` tells them. */
  readonly group?: Pick<FailureGroup, 'message' | 'category'>;
}

/** A page of a session's rows. */
export interface PageFilter {
  readonly sessionId: SessionId;
  /** Rows to pass over. */
  readonly after: number;
  readonly limit: number;
}

/** Which ended attempts. Default task ids (`job:key#number`) are not found: they name one batch of one session. */
export type AttemptFilter = Pick<PageFilter, 'after' | 'limit'> &
  (
    | { readonly sessionId: SessionId; readonly number?: number; readonly taskId?: never }
    | { readonly taskId: string; readonly sessionId?: never; readonly number?: never }
  );

/** Which batches of a session. What is absent lets all through. */
export interface BatchFilter {
  readonly sessionId: SessionId;
  readonly states?: readonly BatchState[];
  /** Only batches that have not ended. */
  readonly open?: boolean;
  /** Only these numbers. */
  readonly numbers?: readonly number[];
  /** Only waiting batches whose time has come by this moment; ordered by that time. */
  readonly dueBy?: Timestamp;
  /** From this number on. */
  readonly from?: number;
  /** Only batches whose core or overlap holds one of the positions from `from` up to and not including `to`. */
  readonly touching?: { readonly from: number; readonly to: number };
  readonly limit: number;
}

/** Whose outputs: of the batches from one number to another. */
export interface OutputFilter {
  readonly sessionId: SessionId;
  readonly from: number;
  /** Up to and including this number. */
  readonly to: number;
  /** Stop behind the batch with which this many rows are reached. */
  readonly limit: number;
}

/** Which ended sessions are deleted, at most `limit`: those that ended before a moment, or those whose `keepMs` is over. */
export type PruneFilter = { readonly limit: number } & (
  | { readonly endedBefore: Timestamp; readonly id?: SessionId; readonly overdue?: never }
  | { readonly overdue: true; readonly endedBefore?: never; readonly id?: never }
);
