import type { Clock } from '../../../model/clock.ts';
import { MillraceError } from '../../../model/errors.ts';
import type { Timestamp } from '../../../model/ids.ts';
import type { StoreOperations } from '../../../model/store.ts';
import { isBusy, type SqliteConnection, type SqliteDriver, type SqliteStatement, type SqliteValue } from './driver.ts';
import { busyTimeoutMs, openFile } from './open-file.ts';

/** How hard a commit is pushed to disk: `session` writes always reach it, `group` writes when the options say so. */
export type Durability = 'session' | 'group';

/** An open store file. Statements are prepared once; `T` is the shape of the statement's columns, which nothing can check. */
export interface SqliteFile {
  readonly path: string;
  readonly driver: SqliteDriver;
  get<T>(sql: string, ...parameters: SqliteValue[]): T | undefined;
  all<T>(sql: string, ...parameters: SqliteValue[]): readonly T[];
  /** Answers how many rows were changed. */
  run(sql: string, ...parameters: SqliteValue[]): number;
  /** The same with the parameters as one list, for statements that have hundreds. */
  runAll(sql: string, parameters: readonly SqliteValue[]): number;
  /** One transaction that holds the write lock from its start. Hands in the store's time. */
  write<T>(durability: Durability, work: (now: Timestamp) => T): T;
  /** Reads from one state of the file. */
  read<T>(work: () => T): T;
  /** The store's time: the machine's, but never before the newest in the file. */
  now(): Timestamp;
  operations(): StoreOperations;
  close(): void;
}

/** Options of {@link openSqliteFile}. */
export interface FileOptions {
  readonly path: string;
  readonly driver: SqliteDriver;
  readonly clock: Clock;
  readonly synchronous: 'normal' | 'full';
}

/** Opens a store's file, creating and migrating it as needed. */
export async function openSqliteFile({ path, driver, clock, synchronous }: FileOptions): Promise<SqliteFile> {
  const connection = await openFile(driver, path, synchronous);
  const statements = new Map<string, SqliteStatement>();
  let transactions = 0;
  let rowsWritten = 0;
  const prepared = (sql: string): SqliteStatement => {
    let statement = statements.get(sql);
    if (!statement) {
      statement = connection.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  };
  const runAll = (sql: string, parameters: readonly SqliteValue[]): number => {
    const changes = prepared(sql).run(parameters);
    rowsWritten += changes;
    return changes;
  };
  const now = (): Timestamp => {
    const row = prepared('select newest from clock').get([]) as { newest: number } | undefined;
    return Math.max(clock.now(), row?.newest ?? 0);
  };
  const startWrite = (): Timestamp => {
    const time = now();
    prepared('update clock set newest = ?1 where newest < ?1').run([time]);
    return time;
  };
  return {
    path,
    driver,
    get: <T>(sql: string, ...parameters: SqliteValue[]) => prepared(sql).get(parameters) as T | undefined,
    all: <T>(sql: string, ...parameters: SqliteValue[]) => prepared(sql).all(parameters) as readonly T[],
    run: (sql, ...parameters) => runAll(sql, parameters),
    runAll,
    write: (durability, work) => {
      transactions++;
      const level = durability === 'session' && synchronous === 'normal' ? ['full', 'normal'] : undefined;
      if (level) connection.exec(`pragma synchronous = ${level[0]}`);
      try {
        return inTransaction(connection, 'begin immediate', () => work(startWrite()));
      } finally {
        if (level) connection.exec(`pragma synchronous = ${level[1]}`);
      }
    },
    read: (work) => inTransaction(connection, 'begin', work),
    now,
    operations: () => ({ transactions, rowsWritten }),
    close() {
      emptyLog(connection);
      connection.close();
    },
  };
}

/**
 * Moves everything from the write-ahead log into the file itself, so that the file alone is the whole store.
 * SQLite does it when the last connection closes, but libsql's stays open until its statements are collected.
 */
function emptyLog(connection: SqliteConnection): void {
  try {
    // Others who have the file open are not waited for: the last to close does it.
    connection.exec('pragma busy_timeout = 0');
    connection.exec('pragma wal_checkpoint(truncate)');
  } catch {
    // Nothing is lost: what stays in the log is read from there by the next one who opens the file.
  }
}

function inTransaction<T>(connection: SqliteConnection, begin: string, work: () => T): T {
  connection.exec(begin);
  try {
    const answer = work();
    connection.exec('commit');
    return answer;
  } catch (error) {
    rollBack(connection, error);
    throw error;
  }
}

/** SQLite rolls back by itself on some errors (a full disk): then there is nothing left to roll back. */
function rollBack(connection: SqliteConnection, reason: unknown): void {
  try {
    connection.exec('rollback');
  } catch (error) {
    const { message } = error as Error;
    if (!message.includes('no transaction is active')) throw new AggregateError([reason, error], message);
  }
}

/** A driver's error in our words, with the error itself as its cause. */
export function storeError(error: unknown, path: string): MillraceError {
  if (error instanceof MillraceError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const advice = isBusy(error)
    ? `Another process held the file for ${busyTimeoutMs} ms.`
    : /full/i.test(message)
      ? 'Make room on the disk.'
      : /unable to open|readonly|EROFS|EACCES|ENOENT/.test(message)
        ? 'The folder must be there and be writable: even a look at a store writes beside it.'
        : 'What was being written was not kept.';
  return new MillraceError('STORE_FAILED', `SQLite store ${path}: ${message}. ${advice}`, { cause: error });
}
