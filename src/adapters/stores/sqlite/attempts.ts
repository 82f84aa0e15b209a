import type { Category } from '../../../model/errors.ts';
import type { OwnerId, SessionId, Timestamp, Token } from '../../../model/ids.ts';
import type { AttemptRecord } from '../../../model/records.ts';
import type { AttemptFilter } from '../../../model/store.ts';
import type { SqliteValue } from './driver.ts';
import type { SqliteFile } from './file.ts';
import { toFileText } from './file-text.ts';
import { readError } from './session-rows.ts';
import { stateOf } from './state-codes.ts';

/** An attempt as it is read, beside whose it is. */
export interface AttemptColumns {
  readonly execution: number;
  readonly token: Token;
  readonly owner_id: OwnerId;
  readonly outcome: number;
  readonly category: Category | null;
  readonly error: string | null;
  readonly claimed_at: Timestamp;
  readonly ended_at: Timestamp;
  readonly ms: number | null;
}

interface AttemptRow extends AttemptColumns {
  readonly session_id: SessionId;
  readonly number: number;
}

export function attemptOf(row: AttemptColumns): Omit<AttemptRecord, 'sessionId' | 'number'> {
  return {
    execution: row.execution,
    token: row.token,
    owner: row.owner_id,
    outcome: stateOf(row.outcome),
    category: row.category,
    error: readError(row.error),
    claimedAt: row.claimed_at,
    endedAt: row.ended_at,
    ms: row.ms,
  };
}

/** Ended attempts of a session, of one of its batches, or of a task id. */
export function listAttempts(file: SqliteFile, filter: AttemptFilter): readonly AttemptRecord[] {
  const { after, limit } = filter;
  if (filter.taskId !== undefined) return read(file, taskSql, limit, after, toFileText(filter.taskId));
  const { sessionId, number } = filter;
  return number === undefined
    ? read(file, sessionSql, limit, after, sessionId)
    : read(file, batchSql, limit, after, sessionId, number);
}

/** The attempts of some batches `b` of sessions `s`: those that ended otherwise have rows, the one that completed is in the batch. */
function attemptsSql(ofBatches: string, order: string): string {
  return `select *, (select id from owners where no = owner) as owner_id from (
    select s.id as session_id, s.no, a.number, a.execution, a.token, a.owner, a.outcome, a.category, a.error, a.claimed_at, a.ended_at,
      a.ms, b.enqueued_at
    from batches b join sessions s on s.no = b.session join attempts a on a.session = b.session and a.number = b.number
    where ${ofBatches} and s.pruned = 0
    union all
    select s.id, s.no, b.number, b.execution, b.token, b.owner, b.state, null, null, b.claimed_at, b.ended_at, b.ms, b.enqueued_at
    from batches b join sessions s on s.no = b.session
    where ${ofBatches} and s.pruned = 0 and b.state = 10 and b.token is not null
  ) order by ${order} limit ?1 offset ?2`;
}

const byEnd = 'ended_at, number, execution';

const sessionSql = attemptsSql('s.id = ?3', byEnd);
const batchSql = attemptsSql('s.id = ?3 and b.number = ?4', byEnd);
export const taskSql = attemptsSql('b.task_id = ?3', 'enqueued_at, no, number, execution');

function read(file: SqliteFile, sql: string, ...parameters: SqliteValue[]): readonly AttemptRecord[] {
  return file.all<AttemptRow>(sql, ...parameters).map((row) => ({
    sessionId: row.session_id,
    number: row.number,
    ...attemptOf(row),
  }));
}
