import type { Columns } from './columns.ts';
import { haversine } from './haversine.ts';
import { splits, splitsDay, type TrackRules } from './rules.ts';
import { column, extendSegment, rowWidth, startSegment } from './segment-row.ts';

/** The segments of a stretch of points. */
export interface Segments {
  /** A row each (`segment-row.ts`), in time order. Short ones between two splits are left out. */
  readonly table: Float64Array<ArrayBuffer>;
  /** Where the points of each row begin; they end `points` later. */
  readonly starts: readonly number[];
  /** How many segments there are, with those left out. */
  readonly count: number;
  /** Points of the segments left out. */
  readonly lonely: number;
}

/**
 * Cuts points in time order into segments.
 *
 * @param device - Number of the device whose points these are.
 * @param stays - 1 for each point with which a track begins since somebody stayed before it.
 *
 * The first and the last segment are open: a neighbouring chunk may go on with them. Those between are whole tracks, and are left out
 * when they have too few points, so that a history of lonely points does not become a table of them.
 */
export function segmentPoints(points: Columns, rules: TrackRules, device = 0, stays: Uint8Array | null = null): Segments {
  const { time, lat, lon, ele, length } = points;
  let table = new Float64Array(rowWidth * 64);
  const starts: number[] = [];
  let count = 0;
  let lonely = 0;
  let at = -rowWidth;
  for (let i = 0; i < length; i++) {
    const t = time[i] as number;
    const y = lat[i] as number;
    const x = lon[i] as number;
    const stayed = stays === null ? 0 : (stays[i] as number);
    if (i > 0 && stayed === 0) {
      const metres = haversine(lat[i - 1] as number, lon[i - 1] as number, y, x);
      const before = time[i - 1] as number;
      if (!splits(rules, t - before, metres) && !splitsDay(rules, before, t)) {
        extendSegment(table, at, points, i, metres);
        continue;
      }
    }
    const size = at < 0 ? 0 : (table[at + column.points] as number);
    if (count > 1 && size < rules.minPoints) {
      lonely += size;
      starts.pop();
    } else {
      at += rowWidth;
    }
    if (at === table.length) table = doubled(table);
    startSegment(table, at, t, y, x, ele[i] as number);
    table[at + column.ordinal] = count++;
    table[at + column.device] = device;
    table[at + column.stayed] = stayed;
    starts.push(i);
  }
  return { table: table.slice(0, starts.length * rowWidth), starts, count, lonely };
}

function doubled(table: Float64Array): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(table.length * 2);
  wider.set(table);
  return wider;
}
