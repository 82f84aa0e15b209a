import { closeSync, openSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '../../../model/errors.ts';
import { isBusy, type SqliteConnection, type SqliteDriver } from './driver.ts';
import { migrations } from './schema.ts';
import { viewsSql } from './views.ts';

/**
 * How long a statement waits for another process to finish its write. The host's loop stands still meanwhile, and the engine asks
 * again, with pauses: so this is no more than a few of the longest writes. Four processes that write all the time waited 132 ms.
 */
export const busyTimeoutMs = 2_000;
/** The same while a file is opened: others may be making its schema, and nobody asks again. */
const openingMs = 5_000;

/** 'MLRC': tells a store from any other SQLite file. */
const applicationId = 0x4d4c5243;

/**
 * Opens a store's file and brings its schema up to date.
 *
 * @throws MillraceError `STORE_VERSION` when a newer Millrace wrote it, or it is no store at all.
 */
export async function openFile(driver: SqliteDriver, path: string, level: string): Promise<SqliteConnection> {
  createPrivate(path);
  const connection = driver.connect(path);
  try {
    connection.exec(`pragma busy_timeout = ${openingMs}`);
    checkOrigin(connection, path);
    await useWal(connection);
    connection.exec(`pragma synchronous = ${level}; pragma foreign_keys = on`);
    migrate(connection, path);
    connection.exec(`pragma busy_timeout = ${busyTimeoutMs}`);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/**
 * Creates a file that only its owner can read. An existing one is not touched: opening it beside SQLite, and closing it again,
 * would drop the locks that this process holds on it. SQLite gives the files beside it the same mode.
 */
export function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = statSync(path, { throwIfNoEntry: false });
  // SQLite would wait for ever on a pipe, and create what a link leads to for everybody to read.
  if (!found) throw new MillraceError('STORE_FAILED', `${path} is a link to a file that is not there.`);
  if (!found.isFile()) throw new MillraceError('STORE_FAILED', `${path} is no regular file. Give the store a file of its own.`);
}

/** The busy timeout does not cover the change to WAL, which a second process may be making right now. */
async function useWal(connection: SqliteConnection): Promise<void> {
  for (let waited = 0; ; waited += 20) {
    try {
      connection.prepare('pragma journal_mode = wal').get([]);
      return;
    } catch (error) {
      if (!isBusy(error) || waited >= openingMs) throw error;
      await delay(20);
    }
  }
}

function numberOf(connection: SqliteConnection, sql: string): number {
  return Number(Object.values(connection.prepare(sql).get([]) ?? {})[0] ?? 0);
}

function checkOrigin(connection: SqliteConnection, path: string): void {
  // In this order: a process that makes a store of an empty file in between has written its id when the tables are seen.
  const empty = numberOf(connection, 'select count(*) from sqlite_schema') === 0;
  const id = numberOf(connection, 'pragma application_id');
  if (id === applicationId || (id === 0 && empty)) return;
  throw new MillraceError('STORE_VERSION', `${path} is an SQLite file of another program. Give the store a file of its own.`);
}

function migrate(connection: SqliteConnection, path: string): void {
  if (versionOf(connection, path) === migrations.length) return;
  connection.exec('begin immediate');
  try {
    // Read again: another process may have done it while this one waited.
    for (const migration of migrations.slice(versionOf(connection, path))) connection.exec(migration);
    connection.exec(viewsSql);
    connection.exec(`pragma application_id = ${applicationId}; pragma user_version = ${migrations.length}`);
    connection.exec('commit');
  } catch (error) {
    connection.exec('rollback');
    throw error;
  }
}

function versionOf(connection: SqliteConnection, path: string): number {
  const version = numberOf(connection, 'pragma user_version');
  if (version <= migrations.length) return version;
  throw new MillraceError(
    'STORE_VERSION',
    `${path} has version ${version}; this Millrace knows up to ${migrations.length}. Use the newer Millrace, or another file.`,
  );
}
