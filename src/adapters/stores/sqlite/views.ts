import { stateText } from './state-codes.ts';

function moment(column: string): string {
  return `strftime('%Y-%m-%dT%H:%M:%fZ', ${column} / 1000.0, 'unixepoch')`;
}

const status = (text: string): string =>
  `case when instr(${text}, '.') then substr(${text}, 1, instr(${text}, '.') - 1) else ${text} end`;

/** The same id as executionIdOf() gives. */
const executionId = "substr(s.id, 1, 24) || printf('%012x', b.number)";

const taskId = "coalesce(b.task_id, s.job || ':' || s.key || '#' || b.number)";

/**
 * Views for people: any SQLite shell can ask them. `*_at` are milliseconds since 1970, the column without `_at` is the
 * same moment as text. `docs/sql.md` has ready questions.
 */
export const viewsSql = `
drop view if exists sessions_view;
drop view if exists executions;
drop view if exists batches_view;
drop view if exists attempts_view;
drop view if exists dead_letters_view;

create view sessions_view as
select s.id, s.job, s.version, s.key, s.state, s.paused, s.cancel_reason, s.generation, s.takeovers,
  s.items, s.items_completed, s.items_failed, s.items_cancelled, s.items_duplicate,
  s.chunks as batches, s.pending, s.running, s.completed, s.failed, s.crashed, s.cancelled, s.cached,
  s.error ->> '$.message' as message, s.counters,
  s.created_at, s.started_at, s.ended_at,
  ${moment('s.created_at')} as created, ${moment('s.started_at')} as started, ${moment('s.ended_at')} as ended
from sessions s where s.pruned = 0;

create view batches_view as
select v.*, ${status('v.state')} as status from (
  select s.id as session_id, s.job, s.key, b.number, ${taskId} as task_id, ${executionId} as execution_id,
    ${stateText('b.state')} as state, b.first as first_item, b.items, b.completed as items_completed, b.given_up as items_failed,
    b.attempt, b.execution as claims, b.cached, b.suspect, b.host_deaths, b.isolation ->> '$.phase' as isolating,
    b.error ->> '$.message' as message, b.error ->> '$.category' as category, b.error,
    case when b.state = 1 then (select id from owners where no = b.owner) end as owner,
    b.ms, b.ended_at - b.claimed_at as claim_ms,
    b.enqueued_at, b.claimed_at, b.ended_at, b.retry_at,
    ${moment('b.enqueued_at')} as enqueued, ${moment('b.claimed_at')} as claimed, ${moment('b.ended_at')} as ended
  from batches b join sessions s on s.no = b.session where s.pruned = 0
) v;

create view attempts_view as
select v.*, ${status('v.outcome')} as status, ${moment('v.claimed_at')} as claimed, ${moment('v.ended_at')} as ended from (
  select s.id as session_id, s.job, s.key, b.number, ${taskId} as task_id, ${executionId} as execution_id,
    b.first as first_item, b.items, a.execution as claim, a.token, (select id from owners where no = a.owner) as owner,
    ${stateText('a.outcome')} as outcome, a.category, a.error ->> '$.message' as message, a.ms, a.claimed_at, a.ended_at
  from attempts a join batches b on b.session = a.session and b.number = a.number join sessions s on s.no = a.session
  where s.pruned = 0
  union all
  select s.id, s.job, s.key, b.number, ${taskId}, ${executionId}, b.first, b.items, b.execution, b.token,
    (select id from owners where no = b.owner), 'completed', null, null, b.ms, b.claimed_at, b.ended_at
  from batches b join sessions s on s.no = b.session where b.state = 10 and b.token is not null and s.pruned = 0
) v;

create view executions as
select task_id, execution_id, session_id, job, key, number, state, status, attempt, claims, message, category,
  enqueued_at, ended_at, enqueued, ended
from batches_view;

create view dead_letters_view as
select s.id as session_id, s.job, s.key, d.number, d.place, d.item_id, d.items, d.task_id, d.message, d.category, d.attempts,
  d.error, d.at, ${moment('d.at')} as died
from dead_letters d join sessions s on s.no = d.session where s.pruned = 0;
`;
