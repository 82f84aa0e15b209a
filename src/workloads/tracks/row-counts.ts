/**
 * Why a row is not a point.
 *
 * - `too_long` the line is longer than 64 KB
 * - `too_few_columns` it ends before a column that is needed
 * - `missing` time, latitude or longitude is empty
 * - `bad_time`, `bad_lat`, `bad_lon` the field is not a time, not a number
 * - `out_of_range` a latitude beyond ±90 or a longitude beyond ±180
 */
export const skipReasons = ['too_long', 'too_few_columns', 'missing', 'bad_time', 'bad_lat', 'bad_lon', 'out_of_range'] as const;

/** Why a row is not a point: one of `skipReasons`, which says what each means. */
export type SkipReason = (typeof skipReasons)[number];

/** What became of the rows. `rows = valid + all skipped`; blank lines and headers are no rows. */
export interface RowCounts {
  readonly rows: number;
  readonly valid: number;
  readonly skipped: Readonly<Record<SkipReason, number>>;
}

/** Counts while rows are read. */
export interface RowTally {
  rows: number;
  valid: number;
  readonly skipped: Record<SkipReason, number>;
}

/** A tally of nothing yet. */
export function emptyTally(): RowTally {
  return {
    rows: 0,
    valid: 0,
    skipped: { too_long: 0, too_few_columns: 0, missing: 0, bad_time: 0, bad_lat: 0, bad_lon: 0, out_of_range: 0 },
  };
}

/** Begins a tally anew. */
export function clearTally(tally: RowTally): void {
  tally.rows = 0;
  tally.valid = 0;
  for (const reason of skipReasons) tally.skipped[reason] = 0;
}

/** The sum of two counts. */
export function addCounts(left: RowCounts, right: RowCounts): RowCounts {
  const sum = emptyTally();
  sum.rows = left.rows + right.rows;
  sum.valid = left.valid + right.valid;
  for (const reason of skipReasons) sum.skipped[reason] = left.skipped[reason] + right.skipped[reason];
  return sum;
}
