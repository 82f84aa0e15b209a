import type { OwnerId, Timestamp } from '../../../model/ids.ts';
import type { Store } from '../../../model/store.ts';
import type { SqliteFile } from './file.ts';
import type { OwnerLocks } from './owner-locks.ts';

/** What the other parts of this store ask about owners. Rows of owners stay, so that attempts can name them. */
export interface Owners {
  /** The owner's number in the file, if its lease has not run out. */
  livingNo(owner: OwnerId, now: Timestamp): number | undefined;
  /** The owner's number in the file; an unknown owner gets a row without a lease. */
  noOf(owner: OwnerId): number;
  /** Finds owners whose process died and ends their leases, so that nobody waits for the time to run out. */
  noticeDeaths(): void;
}

/** SQL: whether the owner in a column has no lease any more. `?1` is the time. */
export function isDeadSql(column: string): string {
  return `not exists (select 1 from owners o where o.no = ${column} and o.lease_expires_at > ?1)`;
}

/** SQL: whether the owner in a column died. One that signed off, or never was here, has the lease 0. `?1` is the time. */
export function hasDiedSql(column: string): string {
  return `exists (select 1 from owners o where o.no = ${column} and o.lease_expires_at between 1 and ?1)`;
}

/** What this store knows about owners. */
export function createOwners(file: SqliteFile, locks: OwnerLocks): Owners {
  return {
    livingNo: (owner, now) =>
      file.get<{ no: number }>('select no from owners where id = ? and lease_expires_at > ?', owner, now)?.no,
    noOf(owner) {
      file.run('insert into owners (id, lease_expires_at) values (?, 0) on conflict (id) do nothing', owner);
      return (file.get<{ no: number }>('select no from owners where id = ?', owner) as { no: number }).no;
    },
    noticeDeaths() {
      const leased = file.all<{ id: OwnerId }>('select id from owners where lease_expires_at > ?', file.now());
      for (const { id } of leased.filter((owner) => locks.isFree(owner.id))) {
        file.write('group', (now) => file.run('update owners set lease_expires_at = ? where id = ?', now, id));
        locks.remove(id);
      }
    },
  };
}

/** What a host does to be an owner. */
export function ownerMethods(file: SqliteFile, locks: OwnerLocks): Pick<Store, 'registerOwner' | 'renewOwner' | 'removeOwner'> {
  return {
    async registerOwner(id, leaseMs) {
      // The lock comes first: a row whose lock is free would mean a death.
      locks.hold(id);
      return file.write('group', (now) => {
        file.run(
          'insert into owners (id, lease_expires_at) values (?1, ?2) on conflict (id) do update set lease_expires_at = ?2',
          id,
          now + leaseMs,
        );
        return { id, leaseExpiresAt: now + leaseMs };
      });
    },
    async renewOwner(id, leaseMs) {
      return file.write('group', (now) => {
        const sql = 'update owners set lease_expires_at = ?2 where id = ?1 and lease_expires_at > ?3';
        return file.run(sql, id, now + leaseMs, now) === 1 ? { id, leaseExpiresAt: now + leaseMs } : undefined;
      });
    },
    async removeOwner(id) {
      file.write('group', () => file.run('update owners set lease_expires_at = 0 where id = ?', id));
      locks.release(id);
    },
  };
}
