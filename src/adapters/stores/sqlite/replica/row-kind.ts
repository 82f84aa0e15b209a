import type { Copies, CopyKind } from '../../../../model/replica.ts';
import type { SqliteFile } from '../file.ts';
import type { Owners } from '../owners.ts';

/** What this store does with the units of a kind that are one row each. */
export interface RowKind<Kind extends CopyKind> {
  /** Keys behind one, in the order of an index. */
  list(file: SqliteFile, after: string | undefined, limit: number): readonly string[];
  read(file: SqliteFile, key: string): Copies[Kind] | undefined;
  put(file: SqliteFile, owners: Owners, key: string, copy: Copies[Kind]): void;
  remove(file: SqliteFile, key: string): void;
}

/** Lists keys that are a column, by a statement that takes the last one and how many. */
export function listBy(sql: string): RowKind<CopyKind>['list'] {
  return (file, after, limit) => file.all<{ key: string }>(sql, after ?? '', limit).map(({ key }) => key);
}
