import type { SessionId } from '../../../../model/ids.ts';
import type { FoundBatch } from '../../../../model/questions.ts';
import { fromFileText, fromFileTextOrNull } from '../file-text.ts';
import { readError } from '../session-rows.ts';
import { stateCodes, stateOf } from '../state-codes.ts';

/** The columns of a batch `b` of a session `s` in an answer. */
export const foundColumns = `s.id as session_id, s.no as session_no, s.job, s.key, b.number, b.task_id, b.state, b.first, b.items,
  b.attempt, b.ms, b.enqueued_at, b.claimed_at, b.ended_at, b.error`;

/** A row of {@link foundColumns}. */
export interface FoundRow {
  readonly session_id: SessionId;
  readonly job: string;
  readonly key: string;
  readonly number: number;
  readonly task_id: string | null;
  readonly state: number;
  readonly first: number;
  readonly items: number;
  readonly attempt: number;
  readonly ms: number | null;
  readonly enqueued_at: number;
  readonly claimed_at: number | null;
  readonly ended_at: number | null;
  readonly error: string | null;
}

/** The batch of a row. */
export function foundBatch(row: FoundRow): FoundBatch {
  return {
    sessionId: row.session_id,
    job: row.job,
    key: fromFileText(row.key),
    number: row.number,
    taskId: fromFileTextOrNull(row.task_id),
    state: stateOf(row.state),
    first: row.first,
    items: row.items,
    attempt: row.attempt,
    ms: row.state === stateCodes.completed ? row.ms : null,
    enqueuedAt: row.enqueued_at,
    claimedAt: row.claimed_at,
    endedAt: row.ended_at,
    error: readError(row.error),
  };
}
