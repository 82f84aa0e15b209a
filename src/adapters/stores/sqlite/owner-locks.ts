import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { OwnerId } from '../../../model/ids.ts';
import { isBusy, type SqliteConnection, type SqliteDriver } from './driver.ts';
import { createPrivate } from './open-file.ts';

/**
 * A lock per owner that dies with its process: an SQLite file of its own with an exclusive transaction that never ends.
 * The operating system lets go of it when the process dies, however it dies; a pid would prove nothing.
 */
export interface OwnerLocks {
  hold(owner: OwnerId): void;
  release(owner: OwnerId): void;
  /** Whether the owner's lock is there and free: its process is dead. Without a lock file the lease decides, so: false. */
  isFree(owner: OwnerId): boolean;
  /** Owners of other processes that have a lock file, alive or not, and how long it has been there. */
  others(): readonly { readonly owner: OwnerId; readonly ageMs: number }[];
  /** Removes what a dead owner left. */
  remove(owner: OwnerId): void;
  releaseAll(): void;
}

/**
 * Every lock that this process holds, by its file. Module-wide for two reasons: a connection that is collected lets go
 * of its lock, and a lock of this process must not be probed by it through another copy of SQLite, which would drop it.
 */
const held = new Map<string, SqliteConnection>();

const ending = '.lock';

/** The locks beside a store's file, in the folder `<path>.owners`. */
export function ownerLocks(driver: SqliteDriver, storePath: string): OwnerLocks {
  const folder = `${storePath}.owners`;
  const mine = new Set<OwnerId>();
  // An owner's id is a name for a file here, whatever it holds.
  const fileOf = (owner: OwnerId): string => join(folder, `${encodeURIComponent(owner).replaceAll('.', '%2E')}${ending}`);
  const remove = (owner: OwnerId): void => rmSync(fileOf(owner), { force: true });
  const release = (owner: OwnerId): void => {
    mine.delete(owner);
    const connection = held.get(fileOf(owner));
    if (!connection) return;
    held.delete(fileOf(owner));
    connection.close();
    remove(owner);
  };
  return {
    hold(owner) {
      if (held.has(fileOf(owner))) return;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      createPrivate(fileOf(owner));
      held.set(fileOf(owner), lock(driver, fileOf(owner)));
      mine.add(owner);
    },
    release,
    isFree(owner) {
      const file = fileOf(owner);
      if (held.has(file) || !existsSync(file)) return false;
      return canLock(driver, file);
    },
    others() {
      const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(ending)) : [];
      return files.flatMap((name) => {
        const file = join(folder, name);
        // Another host may have removed it meanwhile.
        const made = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
        if (held.has(file) || made === undefined) return [];
        // Ages are by the clock that the file system goes by.
        return [{ owner: decodeURIComponent(name.slice(0, -ending.length)) as OwnerId, ageMs: Date.now() - made }];
      });
    },
    remove,
    releaseAll() {
      for (const owner of [...mine]) release(owner);
    },
  };
}

function lock(driver: SqliteDriver, file: string): SqliteConnection {
  const connection = driver.connect(file);
  try {
    // The journal stays in memory: there is nothing to journal, and no second file to leave behind.
    connection.exec('pragma busy_timeout = 0; pragma journal_mode = memory');
    connection.exec('begin exclusive');
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function canLock(driver: SqliteDriver, file: string): boolean {
  try {
    lock(driver, file).close();
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}
