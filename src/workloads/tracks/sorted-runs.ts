import { join } from 'node:path';
import { type Columns, createColumns } from './columns.ts';
import { writeColumns } from './columns-file.ts';
import type { ColumnsRun } from './history.ts';
import { sortByTime } from './sort-columns.ts';

/** Points on their way into sorted files. */
export interface SortedRuns {
  /** What was read since the last file. */
  readonly points: Columns;
  /** The files that were written. */
  readonly runs: readonly ColumnsRun[];
  /** Sorts the points, writes them as a file, and begins anew. Without a point, no file. */
  flush(): void;
}

/** @param index - Number of the chunk: the same chunk, done again, writes the same files. */
export function createSortedRuns(folder: string, index: number): SortedRuns {
  const points = createColumns(0);
  const runs: ColumnsRun[] = [];
  return {
    points,
    runs,
    flush() {
      if (points.length === 0) return;
      runs.push(writeColumns(join(folder, `${index}-${runs.length}.run`), sortByTime(points)));
      points.length = 0;
    },
  };
}
