import type { Columns } from './columns.ts';
import { dropDuplicates } from './drop-duplicates.ts';
import { type DwellRule, dwellReach, findDwells } from './find-dwells.ts';
import { findOutliers, neighbourMs } from './find-outliers.ts';
import type { TimeSlice } from './history.ts';

/** What is dropped before tracks are made of points. */
export interface Cleaning {
  readonly dedupe: 'exact' | 'none';
  /** Metres a second; null: no point is too fast. */
  readonly maxSpeed: number | null;
  /** Null: nobody is looked for who stayed. */
  readonly dwell: DwellRule | null;
}

/** What was dropped of a slice's own points. */
export interface Cleaned {
  readonly duplicates: number;
  readonly outliers: number;
  /** Points amid a stay: its first and its last are kept. */
  readonly dwelling: number;
  /** 1 for each point that is left which somebody came to by staying: a new track begins with it. Null: for none. */
  readonly stays: Uint8Array | null;
}

/** How far in time around a slice points are needed to judge its own, milliseconds; 0: none. */
export function reachOf({ maxSpeed, dwell }: Cleaning): number {
  return (maxSpeed === null ? 0 : neighbourMs) + (dwell === null ? 0 : dwellReach(dwell));
}

/** Drops, in place, duplicates, outliers, and points amid a stay; and the points of the neighbours that were read to judge the slice's own. */
export function cleanPoints(points: Columns, slice: TimeSlice, { dedupe, maxSpeed, dwell }: Cleaning): Cleaned {
  const isOwn = ownPoints(points, slice);
  const own = (): number => (slice.around === undefined ? points.length : countOf(points, isOwn));
  const read = own();
  if (dedupe === 'exact') dropDuplicates(points);
  const unique = own();
  if (maxSpeed !== null) {
    const outliers = findOutliers(points, maxSpeed);
    keepPoints(points, (i) => outliers[i] === 0);
  }
  const likely = own();
  const stays = dwell === null ? null : findDwells(points, dwell);
  if (stays !== null || slice.around !== undefined) {
    let at = 0;
    const isKept = (i: number): boolean => isOwn(i) && !(stays?.[i] === 1 && stays[i + 1] === 1);
    keepPoints(points, isKept, (i) => {
      if (stays) stays[at++] = stays[i] as number;
    });
  }
  return { duplicates: read - unique, outliers: unique - likely, dwelling: likely - points.length, stays };
}

/** Whether a point is one of the slice's own. Without neighbours all are. */
function ownPoints({ time }: Columns, { from, to, around }: TimeSlice): (i: number) => boolean {
  if (around === undefined) return () => true;
  return (i) => (time[i] as number) >= from && (time[i] as number) < to;
}

function countOf({ length }: Columns, isCounted: (i: number) => boolean): number {
  let count = 0;
  for (let i = 0; i < length; i++) if (isCounted(i)) count++;
  return count;
}

/** Keeps some of the points, in place. */
function keepPoints(points: Columns, isKept: (i: number) => boolean, onKept: (i: number) => void = () => {}): void {
  let at = 0;
  for (let i = 0; i < points.length; i++) {
    if (!isKept(i)) continue;
    onKept(i);
    for (const name of ['time', 'lat', 'lon', 'ele'] as const) points[name][at] = points[name][i] as number;
    at++;
  }
  points.length = at;
}
