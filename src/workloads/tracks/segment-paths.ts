import type { PathTexts } from './chunk-output.ts';
import type { Columns } from './columns.ts';
import { previewPath } from './outputs/simplify-path.ts';
import { geojsonCoordinates, gpxPoints } from './path-text.ts';
import type { Segments } from './segment-points.ts';
import { column, rowWidth } from './segment-row.ts';

/** Which texts of paths the outputs need. */
export interface PathKinds {
  readonly geojson: boolean;
  readonly gpx: boolean;
  readonly preview: boolean;
}

/** The paths of segments as the text of the outputs: formatted in the worker, only put together on the host. */
export function pathTexts(points: Columns, { table, starts }: Segments, kinds: PathKinds): PathTexts {
  const { time, lat, lon, ele } = points;
  const each = <T>(wanted: boolean, make: (from: number, to: number) => T): T[] =>
    wanted ? starts.map((from, row) => make(from, from + (table[row * rowWidth + column.points] as number))) : [];
  const geojson = each(kinds.geojson, (from, to) => geojsonCoordinates(lat, lon, from, to));
  const gpx = each(kinds.gpx, (from, to) => gpxPoints(time, lat, lon, ele, from, to));
  const preview = each(kinds.preview, (from, to) => previewPath(lat, lon, from, to));
  return {
    geojson: concat(geojson, new Uint8Array(total(geojson))),
    geojsonEnds: endsOf(geojson),
    gpx: concat(gpx, new Uint8Array(total(gpx))),
    gpxEnds: endsOf(gpx),
    preview: concat(preview, new Float64Array(total(preview))),
    previewEnds: endsOf(preview),
  };
}

function total(parts: readonly { length: number }[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function endsOf(parts: readonly { length: number }[]): Float64Array {
  let end = 0;
  return Float64Array.from(parts, ({ length }) => (end += length));
}

function concat<T extends { set(part: T, at: number): void; length: number }>(parts: readonly T[], whole: T): T {
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
