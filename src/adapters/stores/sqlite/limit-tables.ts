/**
 * What was claimed lately under the name of each rate; who sits where; and what is still to be told to hosts. Notifications hang on no
 * session: one may be pruned before its ending could be told.
 */
export const limitTables = `
create table rates (
  bucket text primary key,
  -- When starts leave the window, and how many: JSON text.
  starts text not null,
  free_at integer not null
) without rowid;
create index rates_free on rates (free_at);

alter table sessions add column seat_key text;
alter table sessions add column seat_limit integer;
create index sessions_seats on sessions (seat_key, no) where ended = 0 and seat_key is not null;

alter table sessions add column notifies integer not null default 0;
create table notifications (
  no integer primary key,
  id text not null unique,
  notification text not null,
  tries integer not null default 0,
  undelivered integer not null default 0,
  due_at integer not null,
  owner integer,
  error text
);
create index notifications_due on notifications (undelivered, due_at);
create table alerts (name text primary key) without rowid;
`;
