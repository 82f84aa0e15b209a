import { statSync } from 'node:fs';
import { loadSqlite, type NativeStatement } from '../../../drivers/load-sqlite.ts';
import { InvalidOptionError, PermanentError } from '../../../model/errors.ts';

/** A database that is only read. */
export interface Database {
  /** Rows of a query, with `:key` bound to the key. */
  rows(sql: string, key?: string | number): Record<string, unknown>[];
  close(): void;
}

/**
 * Opens an SQLite file to read it.
 *
 * @throws InvalidOptionError when there is no such file; MillraceError `DRIVER_MISSING`.
 */
export async function openDatabase(path: string): Promise<Database> {
  // Drivers would create it.
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    throw new InvalidOptionError('database', path, 'a file that is there');
  const { type } = await loadSqlite();
  const database = new type(path);
  database.exec('pragma busy_timeout = 5000');
  // Not every driver can open a file for reading only.
  database.exec('pragma query_only = on');
  const prepared = new Map<string, NativeStatement>();
  return {
    rows(sql, key) {
      const statement = prepared.get(sql) ?? database.prepare(sql);
      prepared.set(sql, statement);
      return (key === undefined ? statement.all() : statement.all({ key })) as Record<string, unknown>[];
    },
    close: () => database.close(),
  };
}

/** Refuses what JSON would change without a word. @throws PermanentError naming the column */
export function checkRows(rows: readonly Record<string, unknown>[]): void {
  for (const row of rows) {
    for (const column in row) {
      const value = row[column];
      const isBlob = typeof value === 'object' && value !== null;
      // Beyond 2^63 no integer of SQLite is: then it is a floating-point number, and exact.
      const isRounded =
        typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 63;
      if (isBlob) throw new PermanentError(`Column ${column} is a blob, which JSON can't hold: select hex(${column}).`);
      if (isRounded) throw new PermanentError(`Column ${column} is beyond 2^53, which JSON can't hold exactly: cast it to text.`);
    }
  }
}
