import type { SqliteDriverName } from '../../../drivers/load-sqlite.ts';

/** What SQLite can hold, as drivers take and give it. */
export type SqliteValue = string | number | null | Uint8Array;

/** A row by the names of its columns. */
export type SqliteRow = Readonly<Record<string, SqliteValue>>;

/** A prepared statement. */
export interface SqliteStatement {
  /** Runs it and answers how many rows it changed. */
  run(parameters: readonly SqliteValue[]): number;
  get(parameters: readonly SqliteValue[]): SqliteRow | undefined;
  all(parameters: readonly SqliteValue[]): readonly SqliteRow[];
}

/** An open database file: the little that every driver has. */
export interface SqliteConnection {
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

/** A loaded driver. */
export interface SqliteDriver {
  readonly name: SqliteDriverName;
  /** Opens a file, creating it when it is not there. */
  connect(path: string): SqliteConnection;
}

/** Whether an error says that another connection holds the file. Drivers name it differently. */
export function isBusy(error: unknown): boolean {
  const { code, errcode, message } = error as { code?: unknown; errcode?: unknown; message?: unknown };
  if (typeof code === 'string' && code.startsWith('SQLITE_BUSY')) return true;
  // The low byte is the primary result code; 5 is SQLITE_BUSY.
  if (typeof errcode === 'number') return (errcode & 0xff) === 5;
  return typeof message === 'string' && message.includes('database is locked');
}
