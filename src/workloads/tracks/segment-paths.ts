import type { Paths, PathTexts } from './chunk-output.ts';
import type { Columns } from './columns.ts';
import { createGrowingBytes, type GrowingBytes, makeRoom } from './growing-bytes.ts';
import { previewPath } from './outputs/simplify-path.ts';
import { addGeojson, addGpx, usualPoint } from './path-text.ts';
import type { Segments } from './segment-points.ts';
import { column, rowWidth } from './segment-row.ts';
import { pointWidth } from './simplify-pieces.ts';

/** Which texts of paths the outputs need. */
export interface PathKinds {
  readonly geojson: boolean;
  readonly gpx: boolean;
  /** Points in place of text. */
  readonly points: boolean;
  readonly preview: boolean;
}

/** Room for text that is kept for the next chunk: 16 MB. */
const mostKept = 16 * 1024 * 1024;

/** Writes the paths of a chunk's segments as the text of the outputs. What it answers is valid until it writes the next chunk's. */
export type PathWriter = (points: Columns, segments: Segments) => PathTexts;

/**
 * A writer of paths, one for a worker: formatted there, texts are only put together on the host.
 * It writes all chunks into the same memory. Large arrays of each segment's own kept the garbage collector busy.
 */
export function createPathWriter(kinds: PathKinds): PathWriter {
  const geojson = createGrowingBytes();
  const gpx = createGrowingBytes();
  return (points, segments) => {
    for (const text of [geojson, gpx]) clear(text);
    const { lat, lon } = points;
    if (kinds.geojson) makeRoom(geojson, points.length * usualPoint);
    return {
      geojson: kinds.geojson ? written(geojson, segments, (from, to) => addGeojson(geojson, lat, lon, from, to)) : null,
      gpx: kinds.gpx ? written(gpx, segments, (from, to) => addGpx(gpx, points, from, to)) : null,
      points: kinds.points ? concat(pathsOf(segments, (from, to) => pointsOf(points, from, to))) : null,
      preview: kinds.preview ? concat(pathsOf(segments, (from, to) => previewPath(lat, lon, from, to))) : null,
    };
  };
}

function clear(text: GrowingBytes): void {
  text.length = 0;
  if (text.bytes.length > mostKept) text.bytes = new Uint8Array(0);
}

function pathsOf<T>({ table, starts }: Segments, make: (from: number, to: number) => T): T[] {
  return starts.map((from, row) => make(from, from + (table[row * rowWidth + column.points] as number)));
}

/** Writes segment by segment, and notes where the text of each ends. */
function written(text: GrowingBytes, segments: Segments, add: (from: number, to: number) => void): Paths<Uint8Array> {
  const ends = pathsOf(segments, (from, to) => {
    add(from, to);
    return text.length;
  });
  return { all: text.bytes.subarray(0, text.length), ends: Float64Array.from(ends) };
}

function pointsOf({ time, lat, lon, ele }: Columns, from: number, to: number): Float64Array {
  const path = new Float64Array((to - from) * pointWidth);
  for (let i = from; i < to; i++) path.set([time[i], lat[i], lon[i], ele[i]] as number[], (i - from) * pointWidth);
  return path;
}

function concat(parts: readonly Float64Array[]): Paths<Float64Array> {
  const ends = new Float64Array(parts.length);
  let length = 0;
  for (const [row, part] of parts.entries()) ends[row] = length += part.length;
  const all = new Float64Array(length);
  for (const [row, part] of parts.entries()) all.set(part, (ends[row] as number) - part.length);
  return { all, ends };
}
