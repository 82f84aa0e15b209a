import type { Columns } from './columns.ts';
import { dropDuplicates } from './drop-duplicates.ts';
import { findOutliers } from './drop-outliers.ts';
import type { TimeSlice } from './history.ts';

/** What is dropped before tracks are made of points. */
export interface Cleaning {
  readonly dedupe: 'exact' | 'none';
  /** Metres a second; null: no point is too fast. */
  readonly maxSpeed: number | null;
}

/** What was dropped of a slice's own points. */
export interface Cleaned {
  readonly duplicates: number;
  readonly outliers: number;
}

/** Drops, in place, duplicates and outliers, and the points of the neighbours that were read to judge the slice's own. */
export function cleanPoints(points: Columns, { from, to, around }: TimeSlice, { dedupe, maxSpeed }: Cleaning): Cleaned {
  if (maxSpeed === null) return { duplicates: dedupe === 'exact' ? dropDuplicates(points) : 0, outliers: 0 };
  const isOwn = (i: number): boolean =>
    around === undefined || ((points.time[i] as number) >= from && (points.time[i] as number) < to);
  const read = countOwn(points, isOwn);
  if (dedupe === 'exact') dropDuplicates(points);
  const kept = countOwn(points, isOwn);
  const outliers = findOutliers(points, maxSpeed);
  let at = 0;
  for (let i = 0; i < points.length; i++) {
    if (outliers[i] === 1 || !isOwn(i)) continue;
    for (const name of ['time', 'lat', 'lon', 'ele'] as const) points[name][at] = points[name][i] as number;
    at++;
  }
  points.length = at;
  return { duplicates: read - kept, outliers: kept - at };
}

function countOwn({ length }: Columns, isOwn: (i: number) => boolean): number {
  let count = 0;
  for (let i = 0; i < length; i++) if (isOwn(i)) count++;
  return count;
}
