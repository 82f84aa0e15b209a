import type { Columns } from './columns.ts';
import { haversine } from './haversine.ts';

/** Points further apart in time are no neighbours: over an hour, a speed tells nothing of a single fix. */
export const neighbourMs = 3_600_000;

/**
 * Finds the points that nobody can have been at: the way from the point before, and the way on to the one behind, would both have been faster than
 * a limit. Points without a neighbour on either side stay. It looks one point to each side only, so that it does not matter where a history is cut.
 *
 * @returns 1 for each point that is an outlier.
 */
export function findOutliers({ time, lat, lon, length }: Columns, metresPerSecond: number): Uint8Array {
  const outliers = new Uint8Array(length);
  const isTooFast = (a: number, b: number): boolean => {
    const ms = (time[b] as number) - (time[a] as number);
    if (ms > neighbourMs) return false;
    const metres = haversine(lat[a] as number, lon[a] as number, lat[b] as number, lon[b] as number);
    return metres * 1_000 > metresPerSecond * ms;
  };
  let before = length > 1 && isTooFast(0, 1);
  for (let i = 1; i < length - 1; i++) {
    const behind = isTooFast(i, i + 1);
    if (before && behind) outliers[i] = 1;
    before = behind;
  }
  return outliers;
}
