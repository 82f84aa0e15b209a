/** Metres of one degree of latitude on the sphere of 6 378 137 m. */
const metresPerDegree = 111_319.49;

/** Longer paths are simplified in windows: the work grows with the path, never with its square. */
export const windowPoints = 4096;

/** A preview of a path: what the map of the report needs, never more than the points given. */
const previewStepM = 8;
const previewToleranceM = 4;

/**
 * A small copy of the points [from, to) for a map: steps under 8 m left out, then simplified to within 4 m.
 *
 * @returns Longitude and latitude in turn, degrees. First and last point are kept.
 */
export function previewPath(lat: Float64Array, lon: Float64Array, from: number, to: number): Float64Array {
  const kept = new Float64Array((to - from) * 2);
  const nearSquared = (previewStepM / metresPerDegree) ** 2;
  let at = 0;
  let lonScale = 1;
  for (let i = from; i < to; i++) {
    const nextLon = lon[i] as number;
    const nextLat = lat[i] as number;
    if (at > 0 && i < to - 1) {
      const dx = (nextLon - (kept[at - 2] as number)) * lonScale;
      const dy = nextLat - (kept[at - 1] as number);
      if (dx * dx + dy * dy < nearSquared) continue;
    }
    kept[at++] = nextLon;
    kept[at++] = nextLat;
    lonScale = Math.cos((nextLat * Math.PI) / 180);
  }
  return simplifyPath(kept.subarray(0, at), previewToleranceM);
}

/**
 * Simplifies a path by Douglas and Peucker: leaves out points that lie within the tolerance of the line that stays.
 *
 * @param path - Longitude and latitude in turn, degrees.
 * @returns A new path; first and last point are kept.
 */
export function simplifyPath(path: Float64Array, toleranceM: number): Float64Array {
  const count = path.length / 2;
  if (count <= 2) return path.slice();
  const keep = keptPoints(path, toleranceM);
  const simple = new Float64Array(keep.reduce((sum, kept) => sum + kept, 0) * 2);
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (keep[i] === 0) continue;
    simple[at++] = path[i * 2] as number;
    simple[at++] = path[i * 2 + 1] as number;
  }
  return simple;
}

/** 1 for each point of a path that {@link simplifyPath} keeps. */
export function keptPoints(path: Float64Array, toleranceM: number): Uint8Array {
  const count = path.length / 2;
  const keep = new Uint8Array(count);
  if (count === 1) keep[0] = 1;
  for (let first = 0; first < count - 1; first += windowPoints - 1) {
    markKept(path, first, Math.min(first + windowPoints - 1, count - 1), toleranceM, keep);
  }
  return keep;
}

/** Marks the ends of [first, last], and within it the farthest points beyond the tolerance. A list in place of recursion: paths are long. */
function markKept(path: Float64Array, first: number, last: number, toleranceM: number, keep: Uint8Array): void {
  keep[first] = 1;
  keep[last] = 1;
  const open = [first, last];
  while (open.length > 0) {
    const to = open.pop() as number;
    const from = open.pop() as number;
    const farthest = farthestFrom(path, from, to, toleranceM);
    if (farthest < 0) continue;
    keep[farthest] = 1;
    open.push(from, farthest, farthest, to);
  }
}

/** The point between two others that is farthest from the line through them; -1 when none is beyond the tolerance. */
function farthestFrom(path: Float64Array, from: number, to: number, toleranceM: number): number {
  const lon = path[from * 2] as number;
  const lat = path[from * 2 + 1] as number;
  const xScale = Math.cos((lat * Math.PI) / 180) * metresPerDegree;
  const lineX = eastwards(lon, path[to * 2] as number) * xScale;
  const lineY = ((path[to * 2 + 1] as number) - lat) * metresPerDegree;
  const lineSquared = lineX * lineX + lineY * lineY;
  let largest = toleranceM * toleranceM;
  let found = -1;
  for (let i = from + 1; i < to; i++) {
    const x = eastwards(lon, path[i * 2] as number) * xScale;
    const y = ((path[i * 2 + 1] as number) - lat) * metresPerDegree;
    const along = lineSquared === 0 ? 0 : Math.min(1, Math.max(0, (x * lineX + y * lineY) / lineSquared));
    const offX = x - along * lineX;
    const offY = y - along * lineY;
    const squared = offX * offX + offY * offY;
    if (squared > largest) {
      largest = squared;
      found = i;
    }
  }
  return found;
}

/** Degrees from one longitude to another, the short way: paths cross the antimeridian. */
function eastwards(from: number, to: number): number {
  const degrees = to - from;
  return degrees > 180 ? degrees - 360 : degrees < -180 ? degrees + 360 : degrees;
}
