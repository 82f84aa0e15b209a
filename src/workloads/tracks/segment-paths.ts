import type { PathTexts } from './chunk-output.ts';
import type { Columns } from './columns.ts';
import { createGrowingBytes, type GrowingBytes, makeRoom } from './growing-bytes.ts';
import { previewPath } from './outputs/simplify-path.ts';
import { addGeojson, addGpx, usualPoint } from './path-text.ts';
import type { Segments } from './segment-points.ts';
import { column, rowWidth } from './segment-row.ts';

/** Which texts of paths the outputs need. */
export interface PathKinds {
  readonly geojson: boolean;
  readonly gpx: boolean;
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
    const geojsonEnds = kinds.geojson ? endsOf(segments, geojson, (from, to) => addGeojson(geojson, lat, lon, from, to)) : none;
    const gpxEnds = kinds.gpx ? endsOf(segments, gpx, (from, to) => addGpx(gpx, points, from, to)) : none;
    const previews = kinds.preview ? pathsOf(segments, (from, to) => previewPath(lat, lon, from, to)) : [];
    return { geojson: written(geojson), geojsonEnds, gpx: written(gpx), gpxEnds, ...concat(previews) };
  };
}

const none = new Float64Array(0);

function clear(text: GrowingBytes): void {
  text.length = 0;
  if (text.bytes.length > mostKept) text.bytes = new Uint8Array(0);
}

function written({ bytes, length }: GrowingBytes): Uint8Array {
  return bytes.subarray(0, length);
}

function pathsOf<T>({ table, starts }: Segments, make: (from: number, to: number) => T): T[] {
  return starts.map((from, row) => make(from, from + (table[row * rowWidth + column.points] as number)));
}

/** Writes segment by segment, and notes where the text of each ends. */
function endsOf(segments: Segments, text: GrowingBytes, add: (from: number, to: number) => void): Float64Array {
  return Float64Array.from(
    pathsOf(segments, (from, to) => {
      add(from, to);
      return text.length;
    }),
  );
}

function concat(parts: readonly Float64Array[]): Pick<PathTexts, 'preview' | 'previewEnds'> {
  const previewEnds = new Float64Array(parts.length);
  let length = 0;
  for (const [row, part] of parts.entries()) previewEnds[row] = length += part.length;
  const preview = new Float64Array(length);
  for (const [row, part] of parts.entries()) preview.set(part, (previewEnds[row] as number) - part.length);
  return { preview, previewEnds };
}
