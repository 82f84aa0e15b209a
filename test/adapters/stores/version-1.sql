-- A store as version 1 wrote it: one session, batches 0 completed, 1 dead, 2 running, 3 pending.
CREATE TABLE clock (
  only integer primary key check (only = 1),
  newest integer not null
);
CREATE TABLE owners (
  no integer primary key autoincrement,
  id text not null unique,
  lease_expires_at integer not null
);
CREATE TABLE sessions (
  no integer primary key autoincrement,
  id text not null unique,
  job text not null,
  version text not null,
  key text not null,
  state text not null,
  ended integer not null default 0,
  pruned integer not null default 0,
  paused integer not null default 0,
  cancel_reason text,
  priority real not null,
  generation integer not null default 1,
  epoch integer not null default 1,
  coordinator integer references owners (no),
  fingerprint text not null,
  chunking text not null,
  chunks integer not null default 0,
  items_cut integer not null default 0,
  source_ended integer not null default 0,
  items integer not null default 0,
  items_completed integer not null default 0,
  items_failed integer not null default 0,
  items_cancelled integer not null default 0,
  pending integer not null default 0,
  running integer not null default 0,
  completed integer not null default 0,
  failed integer not null default 0,
  crashed integer not null default 0,
  cancelled integer not null default 0,
  counters text not null default '{}',
  error text,
  finalize_tries integer not null default 0,
  event_number integer not null default 0,
  created_at integer not null,
  started_at integer,
  ended_at integer
);
CREATE TABLE session_values (
  session integer primary key references sessions (no) on delete cascade,
  input not null,
  settings,
  policies not null,
  metadata,
  result
);
CREATE TABLE batches (
  session integer not null references sessions (no) on delete cascade,
  number integer not null,
  first integer not null,
  items integer not null,
  state integer not null,
  completed integer not null default 0,
  given_up integer not null default 0,
  attempt integer not null default 0,
  execution integer not null default 0,
  token text,
  owner integer,
  enqueued_at integer not null,
  claimed_at integer,
  ended_at integer,
  ms real,
  suspect integer not null default 0,
  sliced integer not null default 0,
  retry_at integer,
  remaining text,
  error text,
  hash text,
  range text,
  task_id text,
  last_item text,
  primary key (session, number)
) without rowid;
CREATE TABLE slices (
  session integer not null references sessions (no) on delete cascade,
  number integer not null,
  data not null,
  primary key (session, number)
) without rowid;
CREATE TABLE outputs (
  no integer primary key,
  session integer not null references sessions (no) on delete cascade,
  number integer not null,
  places text,
  data not null
);
CREATE TABLE attempts (
  no integer primary key,
  session integer not null references sessions (no) on delete cascade,
  number integer not null,
  execution integer not null,
  token text not null,
  owner integer not null,
  outcome integer not null,
  category text,
  error text,
  claimed_at integer not null,
  ended_at integer not null,
  ms real
);
CREATE TABLE dead_letters (
  no integer primary key,
  session integer not null references sessions (no) on delete cascade,
  number integer not null,
  place integer not null,
  item_id text not null,
  items integer not null,
  task_id text not null,
  message text not null,
  category text not null,
  error text not null,
  attempts integer not null,
  at integer not null
);
insert into clock values (1, 1750000000000);
insert into owners values (1, 'host-1', 1750000030000);
insert into sessions values (1, '00000000-0000-4000-8000-000000000001', 'sum', '1', 'old', 'running.streaming', 0, 0, 0, null, 0, 1, 1, 1, 'f1', 'count:1', 4, 8, 0, 8, 3, 1, 0, 1, 1, 1, 1, 0, 0, '{"words":3}', null, 0, 7, 1750000000000, 1750000000000, null);
insert into session_values values (1, '{"file":"a.txt"}', null, '{}', null, null);
insert into batches values (1, 0, 0, 2, 10, 2, 0, 1, 1, '01t1', 1, 1750000000000, 1750000000000, 1750000000000, null, 0, 0, null, null, null, null, '[0,5,-1,6]', null, null);
insert into batches values (1, 1, 1, 2, 11, 1, 1, 1, 1, null, null, 1750000000000, 1750000000000, 1750000000000, null, 0, 0, null, null, '{"name":"Error","message":"no luck","category":"error","details":{"status":503,"host":"a\u0000","fatal":false,"hint":null}}', null, '[0,5,-1,6]', null, null);
insert into batches values (1, 2, 2, 2, 1, 0, 0, 1, 1, '01t3', 1, 1750000000000, 1750000000000, null, null, 0, 0, null, null, null, null, '[0,5,-1,6]', null, null);
insert into batches values (1, 3, 3, 2, 0, 0, 0, 0, 0, null, null, 1750000000000, null, null, null, 0, 0, null, null, null, null, '[0,5,-1,6]', null, null);
insert into outputs values (1, 1, 0, null, '[1,2]');
insert into attempts values (1, 1, 1, 1, '01t2', 1, 11, 'error', '{"name":"Error","message":"no luck","category":"error","details":{"status":503,"host":"a\u0000","fatal":false,"hint":null}}', 1750000000000, 1750000000000, null);
insert into dead_letters values (1, 1, 1, 1, 'x', 1, 'sum:old#1', 'no luck', 'error', '{"name":"Error","message":"no luck","category":"error","details":{"status":503,"host":"a\u0000","fatal":false,"hint":null}}', 1, 1750000000000);
CREATE UNIQUE INDEX sessions_live_key on sessions (job, key) where ended = 0;
CREATE INDEX sessions_live on sessions (no) where ended = 0;
CREATE INDEX sessions_key on sessions (job, key, no);
CREATE INDEX sessions_ended on sessions (ended_at) where ended_at is not null;
CREATE INDEX batches_open on batches (session, number) where state < 10;
CREATE INDEX batches_due on batches (session, retry_at, number) where retry_at is not null;
CREATE INDEX batches_task on batches (task_id) where task_id is not null;
CREATE INDEX outputs_batch on outputs (session, number);
CREATE INDEX attempts_batch on attempts (session, number, execution);
CREATE INDEX dead_letters_batch on dead_letters (session, number, place);
CREATE VIEW sessions_view as
select s.id, s.job, s.version, s.key, s.state, s.paused, s.cancel_reason, s.generation,
  s.items, s.items_completed, s.items_failed, s.items_cancelled,
  s.chunks as batches, s.pending, s.running, s.completed, s.failed, s.crashed, s.cancelled,
  s.error ->> '$.message' as message, s.counters,
  s.created_at, s.started_at, s.ended_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', s.created_at / 1000.0, 'unixepoch') as created, strftime('%Y-%m-%dT%H:%M:%fZ', s.started_at / 1000.0, 'unixepoch') as started, strftime('%Y-%m-%dT%H:%M:%fZ', s.ended_at / 1000.0, 'unixepoch') as ended
from sessions s where s.pruned = 0;
CREATE VIEW batches_view as
select v.*, case when instr(v.state, '.') then substr(v.state, 1, instr(v.state, '.') - 1) else v.state end as status from (
  select s.id as session_id, s.job, s.key, b.number, coalesce(b.task_id, s.job || ':' || s.key || '#' || b.number) as task_id, substr(s.id, 1, 24) || printf('%012x', b.number) as execution_id,
    case b.state when 0 then 'pending' when 1 then 'running' when 2 then 'failed.waiting' when 3 then 'failed.isolating' when 4 then 'crashed.deciding' when 5 then 'crashed.waiting' when 6 then 'crashed.isolating' when 10 then 'completed' when 11 then 'failed.dead' when 12 then 'crashed.dead' when 13 then 'cancelled' end as state, b.first as first_item, b.items, b.completed as items_completed, b.given_up as items_failed,
    b.attempt, b.execution as claims, b.suspect,
    b.error ->> '$.message' as message, b.error ->> '$.category' as category, b.error,
    case when b.state = 1 then (select id from owners where no = b.owner) end as owner,
    b.ms, b.ended_at - b.claimed_at as claim_ms,
    b.enqueued_at, b.claimed_at, b.ended_at, b.retry_at,
    strftime('%Y-%m-%dT%H:%M:%fZ', b.enqueued_at / 1000.0, 'unixepoch') as enqueued, strftime('%Y-%m-%dT%H:%M:%fZ', b.claimed_at / 1000.0, 'unixepoch') as claimed, strftime('%Y-%m-%dT%H:%M:%fZ', b.ended_at / 1000.0, 'unixepoch') as ended
  from batches b join sessions s on s.no = b.session where s.pruned = 0
) v;
CREATE VIEW attempts_view as
select v.*, case when instr(v.outcome, '.') then substr(v.outcome, 1, instr(v.outcome, '.') - 1) else v.outcome end as status, strftime('%Y-%m-%dT%H:%M:%fZ', v.claimed_at / 1000.0, 'unixepoch') as claimed, strftime('%Y-%m-%dT%H:%M:%fZ', v.ended_at / 1000.0, 'unixepoch') as ended from (
  select s.id as session_id, s.job, s.key, b.number, coalesce(b.task_id, s.job || ':' || s.key || '#' || b.number) as task_id, substr(s.id, 1, 24) || printf('%012x', b.number) as execution_id,
    b.first as first_item, b.items, a.execution as claim, a.token, (select id from owners where no = a.owner) as owner,
    case a.outcome when 0 then 'pending' when 1 then 'running' when 2 then 'failed.waiting' when 3 then 'failed.isolating' when 4 then 'crashed.deciding' when 5 then 'crashed.waiting' when 6 then 'crashed.isolating' when 10 then 'completed' when 11 then 'failed.dead' when 12 then 'crashed.dead' when 13 then 'cancelled' end as outcome, a.category, a.error ->> '$.message' as message, a.ms, a.claimed_at, a.ended_at
  from attempts a join batches b on b.session = a.session and b.number = a.number join sessions s on s.no = a.session
  where s.pruned = 0
  union all
  select s.id, s.job, s.key, b.number, coalesce(b.task_id, s.job || ':' || s.key || '#' || b.number), substr(s.id, 1, 24) || printf('%012x', b.number), b.first, b.items, b.execution, b.token,
    (select id from owners where no = b.owner), 'completed', null, null, b.ms, b.claimed_at, b.ended_at
  from batches b join sessions s on s.no = b.session where b.state = 10 and b.token is not null and s.pruned = 0
) v;
CREATE VIEW executions as
select task_id, execution_id, session_id, job, key, number, state, status, attempt, claims, message, category,
  enqueued_at, ended_at, enqueued, ended
from batches_view;
CREATE VIEW dead_letters_view as
select s.id as session_id, s.job, s.key, d.number, d.item_id, d.items, d.task_id, d.message, d.category, d.attempts,
  d.error, d.at, strftime('%Y-%m-%dT%H:%M:%fZ', d.at / 1000.0, 'unixepoch') as died
from dead_letters d join sessions s on s.no = d.session where s.pruned = 0;
pragma application_id = 1296847427;
pragma user_version = 1;
