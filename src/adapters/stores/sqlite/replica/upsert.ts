import type { SqliteValue } from '../driver.ts';
import type { SqliteFile } from '../file.ts';

/** A row by its columns. */
export type Columns = Readonly<Record<string, SqliteValue>>;

const statements = new Map<string, string>();

function statementOf(table: string, columns: readonly string[], key: readonly string[]): string {
  const known = statements.get(table);
  if (known !== undefined) return known;
  // A row keeps its number: to write it anew, even as it is, would move the row, and look for all that refers to it.
  const changed = columns
    .filter((column) => column !== 'no' && !key.includes(column))
    .map((column) => `${column} = excluded.${column}`);
  const places = columns.map(() => '?').join(', ');
  const conflict = key.length === 0 ? '' : ` on conflict (${key.join(', ')}) do update set ${changed.join(', ')}`;
  const sql = `insert into ${table} (${columns.join(', ')}) values (${places})${conflict}`;
  statements.set(table, sql);
  return sql;
}

/** Writes a row as given, in place of the one with the same key. A table's rows always come with the same columns and key. */
export function upsert(file: SqliteFile, table: string, row: Columns, ...key: readonly string[]): void {
  file.runAll(statementOf(table, Object.keys(row), key), Object.values(row));
}
