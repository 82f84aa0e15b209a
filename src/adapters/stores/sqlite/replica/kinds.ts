import type { Payload } from '../../../../model/codec.ts';
import type { OwnerId, Timestamp } from '../../../../model/ids.ts';
import type { AlertName } from '../../../../model/notifications.ts';
import { type CopyKind, joinKey, splitKey } from '../../../../model/replica.ts';
import { fromFileText, toFileText } from '../file-text.ts';
import { type NotificationRow, recordOf } from '../notification-methods.ts';
import { readStarts } from '../rates.ts';
import { errorText } from '../session-rows.ts';
import { listBy, type RowKind } from './row-kind.ts';
import { scheduleKinds } from './schedule-copies.ts';
import { putSessionCopy, putSessionValues, readSessionCopy, readSessionValues } from './session-copy.ts';
import { upsert } from './upsert.ts';

/** What this store does with units, by kind. Batches have a way of their own: they are read in groups. */
export const rowKinds: { readonly [Kind in Exclude<CopyKind, 'batches'>]: RowKind<Kind> } = {
  owners: {
    list: listBy('select id as key from owners where lease_expires_at > 0 and id > ? order by id limit ?'),
    read(file, key) {
      const sql = 'select lease_expires_at as at from owners where id = ? and lease_expires_at > 0';
      const row = file.get<{ at: Timestamp }>(sql, key);
      return row && { id: key as OwnerId, leaseExpiresAt: row.at };
    },
    // The machine is left out: locks and clocks are checked by those who register here.
    put: (file, _, id, { leaseExpiresAt }) => upsert(file, 'owners', { id, lease_expires_at: leaseExpiresAt }, 'id'),
    remove: (file, key) => void file.run('update owners set lease_expires_at = 0 where id = ?', key),
  },
  sessions: {
    list: listBy('select id as key from sessions where pruned = 0 and id > ? order by id limit ?'),
    read: readSessionCopy,
    put: (file, owners, _, copy) => putSessionCopy(file, owners, copy),
    // Sessions without a copy go before, group by group.
    remove: () => undefined,
  },
  values: {
    list: listBy(`select s.id as key from sessions s join session_values v on v.session = s.no
      where s.pruned = 0 and s.id > ? order by s.id limit ?`),
    read: readSessionValues,
    put: (file, _, key, copy) => putSessionValues(file, key, copy),
    // They go with their session.
    remove: () => undefined,
  },
  cached_outputs: {
    list(file, after, limit) {
      const [job, series, range] = after === undefined ? ['', '', ''] : splitKey(after);
      const sql = `select job, series, range from cached_outputs where (job, series, range) > (?, ?, ?)
        order by job, series, range limit ?`;
      const rows = file.all<Record<'job' | 'series' | 'range', string>>(sql, job, toFileText(series), toFileText(range), limit);
      return rows.map((row) => joinKey(row.job, fromFileText(row.series), fromFileText(row.range)));
    },
    read(file, name) {
      const [job, series, range] = splitKey(name);
      const sql = 'select key, used_at, facts, data from cached_outputs where job = ? and series = ? and range = ?';
      const row = file.get<{ key: string; used_at: number; facts: Payload; data: Payload | null }>(
        sql,
        job,
        toFileText(series),
        toFileText(range),
      );
      return row && { job, series, range, key: fromFileText(row.key), usedAt: row.used_at, facts: row.facts, output: row.data };
    },
    put(file, _, __, { job, series, range, key, usedAt, facts, output }) {
      const names = { job, series: toFileText(series), range: toFileText(range), key: toFileText(key) };
      upsert(file, 'cached_outputs', { ...names, used_at: usedAt, facts, data: output }, 'job', 'series', 'range');
    },
    remove(file, name) {
      const [job, series, range] = splitKey(name);
      const sql = 'delete from cached_outputs where job = ? and series = ? and range = ?';
      file.run(sql, job, toFileText(series), toFileText(range));
    },
  },
  ...scheduleKinds,
  notifications: {
    list: listBy('select id as key from notifications where id > ? order by id limit ?'),
    read(file, key) {
      const sql = 'select n.*, (select id from owners where no = n.owner) as owner_id from notifications n where n.id = ?';
      const row = file.get<NotificationRow & { readonly owner_id: OwnerId | null }>(sql, key);
      const [record] = row ? recordOf(row) : [];
      return row && record && { ...record, owner: row.owner_id };
    },
    put(file, owners, id, { notification, tries, state, dueAt, error, owner }) {
      const told = { notification: JSON.stringify(notification), tries, undelivered: Number(state === 'undelivered') };
      const rest = { due_at: dueAt, owner: owner === null ? null : owners.noOf(owner), error: errorText(error) };
      upsert(file, 'notifications', { id, ...told, ...rest }, 'id');
    },
    remove: (file, key) => void file.run('delete from notifications where id = ?', key),
  },
  alerts: {
    list: listBy('select name as key from alerts where name > ? order by name limit ?'),
    read(file, key) {
      const row = file.get<{ name: AlertName }>('select name from alerts where name = ?', key);
      return row && { name: row.name };
    },
    put: (file, _, __, { name }) => void file.run('insert into alerts (name) values (?) on conflict do nothing', name),
    remove: (file, key) => void file.run('delete from alerts where name = ?', key),
  },
  // What has left its window is as good as gone.
  rates: {
    list(file, after, limit) {
      const sql = 'select bucket from rates where bucket > ? and free_at > ? order by bucket limit ?';
      const rows = file.all<{ bucket: string }>(sql, after === undefined ? '' : toFileText(after), file.now(), limit);
      return rows.map(({ bucket }) => fromFileText(bucket));
    },
    read(file, bucket) {
      const starts = readStarts(file, bucket);
      return (starts.at(-1)?.[0] ?? 0) > file.now() ? { bucket, starts } : undefined;
    },
    put(file, _, __, { bucket, starts }) {
      const columns = { bucket: toFileText(bucket), starts: JSON.stringify(starts), free_at: starts.at(-1)?.[0] ?? 0 };
      upsert(file, 'rates', columns, 'bucket');
    },
    remove: (file, bucket) => void file.run('delete from rates where bucket = ?', toFileText(bucket)),
  },
};
