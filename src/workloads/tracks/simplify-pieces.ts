import { type Columns, createColumns } from './columns.ts';
import { createGrowingBytes } from './growing-bytes.ts';
import type { PathPiece } from './outputs/shapes.ts';
import { keptPoints, windowPoints } from './outputs/simplify-path.ts';
import { addGpx, geojsonCoordinates, geojsonJoin } from './path-text.ts';

/** Doubles of a point of a path: time, latitude, longitude, height. */
export const pointWidth = 4;

/**
 * Simplifies the paths of whole tracks, and writes what is left as the text of the outputs. Memory holds one window of a track; windows are counted
 * from the first point of each, so that they do not depend on where its history was cut.
 *
 * @param pieces - With points in place of text, track by track.
 * @param toleranceM - Points that lie no further than this from the line that stays are left out, metres.
 */
export async function* simplifyPieces(pieces: AsyncIterable<PathPiece>, toleranceM: number): AsyncGenerator<PathPiece> {
  const held = createColumns(windowPoints);
  let track = -1;
  /** Points at the beginning of the window that were given with the one before. */
  let given = 0;
  const give = (): PathPiece => {
    const piece = simplified(track, held, given, toleranceM);
    move(held, held.length - 1, 0);
    given = held.length = 1;
    return piece;
  };
  for await (const { track: next, points = new Float64Array(0) } of pieces) {
    if (next !== track) {
      if (held.length > given) yield give();
      track = next;
      given = held.length = 0;
    }
    for (let at = 0; at < points.length; at += pointWidth) {
      if (held.length === windowPoints) yield give();
      hold(held, points, at);
    }
  }
  if (held.length > given) yield give();
}

/** What is left of a window, in place, as text; without the points that were given before, but joined to them. */
function simplified(track: number, held: Columns, given: number, toleranceM: number): PathPiece {
  const { time, lat, lon, ele } = held;
  const kept = keptPoints(pathOf(held), toleranceM);
  let count = 0;
  for (let i = 0; i < held.length; i++) if (kept[i] === 1) move(held, i, count++);
  held.length = count;
  const path = geojsonCoordinates(lat, lon, given, count);
  const [lastLat, lastLon, nextLat, nextLon] = [lat[0], lon[0], lat[1], lon[1]] as [number, number, number, number];
  const join = given === 0 ? '' : geojsonJoin(lastLat, lastLon, nextLat, nextLon);
  const gpx = createGrowingBytes();
  addGpx(gpx, { time, lat, lon, ele }, given, count);
  return {
    track,
    geojson: Buffer.concat([Buffer.from(join, 'latin1'), path]),
    gpx: gpx.bytes.subarray(0, gpx.length),
    preview: new Float64Array(0),
  };
}

/** Longitude and latitude in turn. */
function pathOf({ lat, lon, length }: Columns): Float64Array {
  const path = new Float64Array(length * 2);
  for (let i = 0; i < length; i++) {
    path[2 * i] = lon[i] as number;
    path[2 * i + 1] = lat[i] as number;
  }
  return path;
}

function hold(held: Columns, points: Float64Array, at: number): void {
  const i = held.length++;
  [held.time, held.lat, held.lon, held.ele].forEach((column, n) => {
    column[i] = points[at + n] as number;
  });
}

function move(held: Columns, from: number, to: number): void {
  for (const name of ['time', 'lat', 'lon', 'ele'] as const) held[name][to] = held[name][from] as number;
}
