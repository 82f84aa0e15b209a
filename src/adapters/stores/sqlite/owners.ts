import { MillraceError } from '../../../model/errors.ts';
import type { OwnerId, Timestamp } from '../../../model/ids.ts';
import type { OwnerRecord } from '../../../model/records.ts';
import type { Store } from '../../../model/store.ts';
import type { SqliteFile } from './file.ts';
import { isSameMachine, thisMachine } from './machine.ts';
import type { OwnerLocks } from './owner-locks.ts';
import { checkFileAuthority } from './replica/stage.ts';

/** What the other parts of this store ask about owners. Rows of owners stay, so that attempts can name them. */
export interface Owners {
  /** The owner's number in the file, if its lease has not run out. */
  livingNo(owner: OwnerId, now: Timestamp): number | undefined;
  /** The owner's number in the file; an unknown owner gets a row without a lease. */
  noOf(owner: OwnerId): number;
  /**
   * Finds owners whose process died, ends their leases, so that nobody waits for the time to run out, and removes their locks:
   * also those of leases that ran out before anybody looked.
   */
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

/** A host has its lock before its row, if it is not killed in between: then the lock alone is left. */
const startingMs = 10_000;

function isElsewhere(file: SqliteFile, owner: OwnerId): boolean {
  const row = file.get<{ machine: string | null }>(
    'select machine from owners where id = ? and lease_expires_at > ?',
    owner,
    file.now(),
  );
  return row?.machine != null && !isSameMachine(row.machine, thisMachine());
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
      for (const { owner, ageMs } of locks.others()) {
        const lease = file.get<{ at: number }>('select lease_expires_at as at from owners where id = ?', owner)?.at;
        // To probe the lock of a host that is just taking it would be in its way.
        if (lease === undefined && ageMs < startingMs) continue;
        // The lock of another machine may look free here, and be held there.
        if (isElsewhere(file, owner) || !locks.isFree(owner)) continue;
        if (lease !== undefined && lease > file.now()) {
          file.write('group', (now) => file.run('update owners set lease_expires_at = ? where id = ?', now, owner));
        }
        locks.remove(owner);
      }
    },
  };
}

interface LivingOwner {
  readonly id: OwnerId;
  readonly machine: string;
  readonly lease_expires_at: Timestamp;
}

const living = 'select id, machine, lease_expires_at from owners where lease_expires_at > ? and machine is not null and id <> ?';

/** @throws MillraceError `STORE_SHARED_MACHINES` while an owner of another machine lives: its locks may mean nothing here, nor its clock; `SHADOW_STAGE` in a copy. */
function register(file: SqliteFile, id: OwnerId, now: Timestamp, leaseMs: number): OwnerRecord {
  checkFileAuthority(file);
  const machine = thisMachine();
  const other = file.all<LivingOwner>(living, now, id).find((owner) => !isSameMachine(owner.machine, machine));
  if (other) throw sharedMachines(file.path, machine, other, other.lease_expires_at - now);
  const sql = `insert into owners (id, lease_expires_at, machine) values (?1, ?2, ?3)
    on conflict (id) do update set lease_expires_at = ?2, machine = ?3`;
  file.run(sql, id, now + leaseMs, machine);
  return { id, leaseExpiresAt: now + leaseMs };
}

function sharedMachines(path: string, here: string, { machine, id }: LivingOwner, leftMs: number): MillraceError {
  const [there, name] = [machine, here].map((text) => text.split(' ')[0]);
  return new MillraceError(
    'STORE_SHARED_MACHINES',
    `SQLite store ${path} is used by another machine, ${there} (owner ${id}); this is ${name}. A file is for the processes of one ` +
      `machine. If that host is gone, its lease ends in ${Math.ceil(leftMs / 1_000)} s.`,
  );
}

/** What a host does to be an owner. */
export function ownerMethods(file: SqliteFile, locks: OwnerLocks): Pick<Store, 'registerOwner' | 'renewOwner' | 'removeOwner'> {
  return {
    async registerOwner(id, leaseMs) {
      // The lock comes first: a row whose lock is free would mean a death.
      locks.hold(id);
      try {
        return file.write('group', (now) => register(file, id, now, leaseMs));
      } catch (error) {
        locks.release(id);
        throw error;
      }
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
