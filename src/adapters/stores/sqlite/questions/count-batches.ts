import type { SessionId, Timestamp } from '../../../../model/ids.ts';
import type { SessionState } from '../../../../model/moves.ts';
import type { AttemptTally, BatchTimes, JobTotals, Questions, RepeatedTasks, StateRows } from '../../../../model/questions.ts';
import { duplicateCode } from '../../duplicate-task.ts';
import { addSession, emptyTotals, type JobTally } from '../../job-totals.ts';
import type { SqliteFile } from '../file.ts';
import { fromFileText } from '../file-text.ts';
import { type SessionRow, tallyOf } from '../session-rows.ts';
import { stateOf } from '../state-codes.ts';

/* Questions whose answers are counts. */

export const timesSql = `select s.job, sum(t.batches) as batches, sum(t.total) / sum(t.batches) as averageMs, max(t.longest) as longestMs
from (
  select session, count(*) as batches, sum(ms) as total, max(ms) as longest from batches indexed by batches_ended
  where ended_at >= ?1 and state = 10 and ms is not null group by session
) t join sessions s on s.no = t.session where s.pruned = 0 group by s.job order by s.job`;

export function times(file: SqliteFile, { since }: { readonly since: Timestamp }): readonly BatchTimes[] {
  return file.all<BatchTimes>(timesSql, since);
}

/** One row at least, with the totals, though no task came again. */
export const repeatedSql = `with tasks as materialized (
  select b.task_id, count(*) as executions from batches b indexed by batches_enqueued join sessions s on s.no = b.session
  where b.enqueued_at >= ?1 and b.task_id is not null and s.pruned = 0 group by b.task_id
), totals as (
  select count(*) as tasks, total(executions) as executions, total(executions > 1) as repeated from tasks
)
select totals.*, most.task_id, most.executions as times from totals
left join (select * from tasks where executions > 1 order by executions desc, task_id limit ?2) most
order by most.executions desc, most.task_id`;

export const skippedSql = `select b.task_id, count(*) as times from batches b indexed by batches_skipped join sessions s on s.no = b.session
where b.enqueued_at >= ?1 and b.state = 13 and b.task_id is not null and b.error ->> '$.code' = '${duplicateCode}' and s.pruned = 0
group by b.task_id`;

interface RepeatedRow {
  readonly tasks: number;
  readonly executions: number;
  readonly repeated: number;
  readonly task_id: string | null;
  readonly times: number | null;
}

export function repeated(file: SqliteFile, { since, limit }: Questions['repeated']['filter']): RepeatedTasks {
  return file.read(() => {
    const rows = file.all<RepeatedRow>(repeatedSql, since, limit);
    const skips = new Map(file.all<{ task_id: string; times: number }>(skippedSql, since).map((row) => [row.task_id, row.times]));
    const { tasks = 0, executions = 0, repeated: again = 0 } = rows[0] ?? {};
    return {
      executions,
      tasks,
      repeated: again,
      skipped: [...skips.values()].reduce((sum, count) => sum + count, 0),
      most: rows.flatMap(({ task_id, times }) =>
        task_id === null || times === null
          ? []
          : [{ taskId: fromFileText(task_id), executions: times, skipped: skips.get(task_id) ?? 0 }],
      ),
    };
  });
}

/** Completed attempts are in their batches' own rows, until those are opened again. */
export const attemptsSql = `select
  (select count(*) from batches b indexed by batches_ended join sessions s on s.no = b.session
    where b.ended_at >= ?1 and b.state = 10 and s.pruned = 0)
    + total(outcome = 10) as completed,
  total(outcome in (2, 3, 11)) as failed,
  total(outcome in (4, 5, 6, 12)) as crashed,
  (select total(running) from sessions indexed by sessions_live where ended = 0 and pruned = 0) as running
from attempts a indexed by attempts_ended join sessions s on s.no = a.session where a.ended_at >= ?1 and s.pruned = 0`;

export function attempts(file: SqliteFile, { since }: { readonly since: Timestamp }): AttemptTally {
  const [row] = file.all<AttemptTally>(attemptsSql, since);
  return row ?? { completed: 0, failed: 0, crashed: 0, running: 0 };
}

export const rowsSql = `select b.state, count(*) as batches, sum(b.items) as items, sum(b.completed) as completed, sum(b.given_up) as failed
from batches b join sessions s on s.no = b.session
where b.session = (select no from sessions where id = ?1) and s.pruned = 0 group by b.state`;

type StateCodeRow = Omit<StateRows, 'state'> & { readonly state: number };

export function rows(file: SqliteFile, { sessionId }: { readonly sessionId: SessionId }): readonly StateRows[] {
  const found = file.all<StateCodeRow>(rowsSql, sessionId).map((row): StateRows => ({ ...row, state: stateOf(row.state) }));
  return found.sort((left, right) => (left.state < right.state ? -1 : 1));
}

type TotalsRow = SessionRow & {
  readonly job: string;
  readonly version: string;
  readonly state: SessionState;
  readonly sessions: number;
  readonly created_at: Timestamp;
};

/** With one `max`, the columns beside it are those of its row: the newest session's. */
export const jobsSql = `select job, version, state, created_at, max(no) as no, count(*) as sessions, sum(items) as items,
  sum(items_completed) as items_completed, sum(items_failed) as items_failed, sum(items_cancelled) as items_cancelled,
  sum(items_duplicate) as items_duplicate, sum(pending) as pending, sum(running) as running, sum(completed) as completed,
  sum(failed) as failed, sum(crashed) as crashed, sum(cancelled) as cancelled
from sessions where pruned = 0 group by job, state order by job, no`;

export function jobs(file: SqliteFile): readonly JobTotals[] {
  const found = new Map<string, JobTally>();
  for (const row of file.all<TotalsRow>(jobsSql)) {
    const totals = found.get(row.job) ?? emptyTotals(row.job);
    found.set(row.job, totals);
    addSession(totals, {
      version: fromFileText(row.version),
      createdAt: row.created_at,
      state: row.state,
      sessions: row.sessions,
      tally: tallyOf(row),
    });
  }
  return [...found.values()];
}
