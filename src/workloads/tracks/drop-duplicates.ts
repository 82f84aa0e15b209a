import type { Columns } from './columns.ts';

/** From this many kept points of one moment on they are looked up by their text; below, one by one. */
const many = 32;

/**
 * Drops, in place, each point that is equal in time, latitude and longitude to an earlier one. The points are in time order, so that only
 * points of the same moment need to be compared: what is dropped does not depend on where a history is cut between two moments.
 *
 * @returns How many were dropped.
 */
export function dropDuplicates(points: Columns): number {
  const { time, lat, lon, ele, length } = points;
  let kept = 0;
  let momentStart = 0;
  let seen: Set<string> | undefined;
  for (let i = 0; i < length; i++) {
    if (kept === 0 || time[kept - 1] !== time[i]) {
      momentStart = kept;
      seen = undefined;
    }
    if (kept - momentStart >= many) {
      seen ??= new Set(Array.from({ length: kept - momentStart }, (_, n) => place(lat, lon, momentStart + n)));
      const text = place(lat, lon, i);
      if (seen.has(text)) continue;
      seen.add(text);
    } else if (isKept(lat, lon, i, momentStart, kept)) {
      continue;
    }
    time[kept] = time[i] as number;
    lat[kept] = lat[i] as number;
    lon[kept] = lon[i] as number;
    ele[kept] = ele[i] as number;
    kept++;
  }
  points.length = kept;
  return length - kept;
}

function isKept(lat: Float64Array, lon: Float64Array, point: number, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (lat[i] === lat[point] && lon[i] === lon[point]) return true;
  return false;
}

function place(lat: Float64Array, lon: Float64Array, point: number): string {
  return `${lat[point]},${lon[point]}`;
}
