import { copyKinds } from '../../../model/replica.ts';
import { differingFields } from './same.ts';
import { rowsOf } from './table-rows.ts';
import { allScopes, type UnitPair, type Way, walkScope } from './walk.ts';

/** How many rows are where. */
export interface RowCounts {
  /** All of them: each once, whichever store has it. */
  readonly rows: number;
  readonly equal: number;
  /** Only in the store that decides. */
  readonly missing: number;
  /** Only in the copy. */
  readonly extra: number;
  /** In both, with other contents. */
  readonly differing: number;
}

/** A row that the stores do not agree on. */
export interface RowDifference {
  readonly table: string;
  /** As in `sessionId#number/place`. */
  readonly key: string;
  readonly difference: 'missing' | 'extra' | 'differing';
  /** What differs; absent for a row that only one of them has. */
  readonly fields?: readonly string[];
}

/** What a comparison has found. */
export interface Comparison extends RowCounts {
  /** Equal rows among all, from 0 to 1; 1 when there are none. */
  readonly ratio: number;
  /** The same counts by table. */
  readonly tables: Readonly<Record<string, RowCounts>>;
  /** The first of those that are not equal. */
  readonly differences: readonly RowDifference[];
}

/** Options of a comparison. */
export interface CompareOptions {
  /** How many differences are listed; all are counted. A whole number. @default 100 */
  readonly limit?: number;
}

type Tally = { -readonly [Name in keyof RowCounts]: RowCounts[Name] };

/** Compares all rows of two stores, page by page. While hosts are at work, each row is compared as it is when it is looked at. */
export async function compareStores(way: Way, { limit = 100 }: CompareOptions = {}): Promise<Comparison> {
  const tables = new Map<string, Tally>();
  const differences: RowDifference[] = [];
  const note = (difference: RowDifference | { readonly table: string; readonly difference: 'equal' }): void => {
    const tally = tables.get(difference.table) ?? { rows: 0, equal: 0, missing: 0, extra: 0, differing: 0 };
    tables.set(difference.table, tally);
    tally.rows++;
    tally[difference.difference]++;
    if (difference.difference !== 'equal' && differences.length < limit) differences.push(difference);
  };
  for await (const scope of allScopes(way, copyKinds)) {
    const walk = walkScope(way, scope);
    for (let pairs = await walk.next(); pairs; pairs = await walk.next()) {
      for (const pair of pairs) for (const found of compareRows(pair)) note(found);
    }
  }
  const counts = sumOf([...tables.values()]);
  const ratio = counts.rows === 0 ? 1 : counts.equal / counts.rows;
  return { ratio, ...counts, tables: Object.fromEntries(tables), differences };
}

function* compareRows({ from, to }: UnitPair): Generator<RowDifference | { table: string; difference: 'equal' }> {
  const others = new Map(rowsOf(to).map((row) => [`${row.table} ${row.key}`, row]));
  for (const { table, key, row } of rowsOf(from)) {
    const other = others.get(`${table} ${key}`);
    others.delete(`${table} ${key}`);
    const fields = other ? [...differingFields(row, other.row)] : [];
    if (!other) yield { table, key, difference: 'missing' };
    else if (fields.length > 0) yield { table, key, difference: 'differing', fields };
    else yield { table, difference: 'equal' };
  }
  for (const { table, key } of others.values()) yield { table, key, difference: 'extra' };
}

function sumOf(tallies: readonly RowCounts[]): RowCounts {
  const sum: Tally = { rows: 0, equal: 0, missing: 0, extra: 0, differing: 0 };
  for (const tally of tallies) {
    for (const name of Object.keys(sum) as (keyof Tally)[]) sum[name] += tally[name];
  }
  return sum;
}
