/**
 * Schedules, their ticks, and what each tick did with its inputs. A tick is one row, whoever takes it; that at most one tick of a
 * schedule is open stands in the schedule's own row.
 */
export const scheduleTables = `
create table schedules (
  name text primary key,
  job text not null,
  cron text not null,
  zone text not null,
  overlap text not null,
  catch_up text not null,
  decided_until integer not null,
  open_tick integer,
  created_at integer not null
);

create table ticks (
  schedule text not null references schedules (name) on delete cascade,
  at integer not null,
  state text not null,
  owner integer not null,
  takes integer not null default 1,
  missed integer not null,
  taken_at integer not null,
  ended_at integer,
  error text,
  primary key (schedule, at)
) without rowid;

create table tick_inputs (
  no integer primary key autoincrement,
  schedule text not null,
  at integer not null,
  key text not null,
  outcome text not null,
  session text,
  error text,
  input,
  unique (schedule, at, key),
  foreign key (schedule, at) references ticks (schedule, at) on delete cascade
);
create index tick_inputs_waiting on tick_inputs (schedule, key) where outcome = 'queued';
`;
