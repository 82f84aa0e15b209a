/** Outputs that outlive their sessions: one a range, the newest. They hang on no session, so that none takes them along. */
export const cacheTables = `
create table cached_outputs (
  no integer primary key,
  job text not null,
  series text not null,
  range text not null,
  key text not null,
  used_at integer not null,
  facts not null,
  data
);
create unique index cached_outputs_range on cached_outputs (job, series, range);
create index cached_outputs_used on cached_outputs (used_at);
alter table sessions add column cached integer not null default 0;
alter table batches add column cached integer not null default 0;
`;
