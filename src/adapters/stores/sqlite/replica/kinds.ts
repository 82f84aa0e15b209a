import type { OwnerId, Timestamp } from '../../../../model/ids.ts';
import type { Copies, CopyKind } from '../../../../model/replica.ts';
import type { SqliteFile } from '../file.ts';
import type { Owners } from '../owners.ts';
import { putSessionCopy, putSessionValues, readSessionCopy, readSessionValues } from './session-copy.ts';

/** What this store does with the units of a kind that are one row each. */
interface RowKind<Kind extends CopyKind> {
  /** Keys behind `?1`, at most `?2`. */
  readonly listSql: string;
  read(file: SqliteFile, key: string): Copies[Kind] | undefined;
  put(file: SqliteFile, owners: Owners, key: string, copy: Copies[Kind]): void;
  remove(file: SqliteFile, key: string): void;
}

/** What this store does with units, by kind. Batches have a way of their own: they are read in groups. */
export const rowKinds: { readonly [Kind in Exclude<CopyKind, 'batches'>]: RowKind<Kind> } = {
  owners: {
    listSql: 'select id as key from owners where lease_expires_at > 0 and id > ? order by id limit ?',
    read(file, key) {
      const sql = 'select lease_expires_at as at from owners where id = ? and lease_expires_at > 0';
      const row = file.get<{ at: Timestamp }>(sql, key);
      return row && { id: key as OwnerId, leaseExpiresAt: row.at };
    },
    // The machine is left out: locks and clocks are checked by those who register here.
    put(file, _, key, { leaseExpiresAt }) {
      const sql = `insert into owners (id, lease_expires_at) values (?1, ?2) on conflict (id) do update set lease_expires_at = ?2`;
      file.run(sql, key, leaseExpiresAt);
    },
    remove: (file, key) => void file.run('update owners set lease_expires_at = 0 where id = ?', key),
  },
  sessions: {
    listSql: 'select id as key from sessions where pruned = 0 and id > ? order by id limit ?',
    read: readSessionCopy,
    put: (file, owners, _, copy) => putSessionCopy(file, owners, copy),
    // Sessions without a copy go before, group by group.
    remove: () => undefined,
  },
  values: {
    listSql: `select s.id as key from sessions s join session_values v on v.session = s.no
      where s.pruned = 0 and s.id > ? order by s.id limit ?`,
    read: readSessionValues,
    put: (file, _, key, copy) => putSessionValues(file, key, copy),
    // They go with their session.
    remove: () => undefined,
  },
};
