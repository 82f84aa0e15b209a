import { cacheTables } from './cache-tables.ts';
import { limitTables } from './limit-tables.ts';
import { scheduleTables } from './schedule-tables.ts';
import { shadowTable } from './shadow-table.ts';

/*
 * What a file holds. Moments are whole milliseconds since 1970; states of batches are the numbers of state-codes.ts;
 * errors, places and ranges are JSON text. People and reports read the views, which spell all of it out.
 */

const tables = `
create table clock (
  only integer primary key check (only = 1),
  newest integer not null
);
insert into clock values (1, 0);

create table owners (
  no integer primary key autoincrement,
  id text not null unique,
  lease_expires_at integer not null
);

create table sessions (
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
-- One live session a key: the rule is in the file, not only in the code.
create unique index sessions_live_key on sessions (job, key) where ended = 0;
-- Live sessions: each beat of a host asks which of them nobody coordinates. The ended ones cost nothing there.
create index sessions_live on sessions (no) where ended = 0;
create index sessions_key on sessions (job, key, no);
create index sessions_ended on sessions (ended_at) where ended_at is not null;

-- Values that can be large stay out of the row that each commit rewrites.
create table session_values (
  session integer primary key references sessions (no) on delete cascade,
  input not null,
  settings,
  policies not null,
  metadata,
  result
);

create table batches (
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
-- Open batches: what can be claimed, what runs, the barrier, the lowest open one. Ended batches cost nothing here, and a
-- claim does not touch it: with the state in the index a claim took half as long again. Statements name it, so that none
-- walks over the ended ones by accident.
create index batches_open on batches (session, number) where state < 10;
create index batches_due on batches (session, retry_at, number) where retry_at is not null;
create index batches_task on batches (task_id) where task_id is not null;

create table slices (
  session integer not null references sessions (no) on delete cascade,
  number integer not null,
  data not null,
  primary key (session, number)
) without rowid;

create table outputs (
  no integer primary key,
  session integer not null references sessions (no) on delete cascade,
  number integer not null,
  places text,
  data not null
);
create index outputs_batch on outputs (session, number);

-- Attempts whose batch went on. The one that completed its batch is in the batch's own row.
create table attempts (
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
create index attempts_batch on attempts (session, number, execution);

create table dead_letters (
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
create index dead_letters_batch on dead_letters (session, number, place);
`;

/** Overlaps, the search for items that kill, hosts that die, the machines of owners, and tasks that are enqueued again: the newest of a task id is asked for. */
const searches = `
alter table batches add column overlap_before integer not null default 0;
alter table batches add column overlap_after integer not null default 0;
alter table batches add column host_deaths integer not null default 0;
alter table batches add column isolation text;
alter table outputs add column counters text;
alter table sessions add column takeovers integer not null default 0;
alter table sessions add column result_generation integer;
update sessions set result_generation = generation where state = 'completed';
alter table owners add column machine text;
alter table sessions add column items_duplicate integer not null default 0;
drop index batches_task;
create index batches_task on batches (task_id, enqueued_at) where task_id is not null;
`;

/**
 * What questions about all sessions are answered by, and how long a session is kept. Batches enter `batches_ended` at its end, since
 * time only goes on; the other indexes hold what is rare: what failed, was skipped, or has a task id.
 */
const questions = `
alter table sessions add column keep_ms real;
create index sessions_kept on sessions (ended_at + keep_ms) where ended = 1 and pruned = 0 and keep_ms is not null;
create index batches_ended on batches (ended_at, state, ms) where ended_at is not null;
create index batches_enqueued on batches (enqueued_at, task_id) where task_id is not null;
create index batches_skipped on batches (enqueued_at) where state = 13 and task_id is not null;
create index attempts_ended on attempts (ended_at, outcome);
create index dead_letters_at on dead_letters (at);
`;

/**
 * What leads from one version of the file to the next: the first entry makes version 1 of an empty file.
 * Entries are only ever added, if only an empty one for new views: these are made anew with each version. A version is what
 * `pragma user_version` says.
 */
export const migrations: readonly string[] = [tables, searches, questions, cacheTables, scheduleTables, limitTables, shadowTable];
