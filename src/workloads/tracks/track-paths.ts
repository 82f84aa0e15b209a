import { type ChunkOutput, joiningStep, type Paths, type SegmentTable } from './chunk-output.ts';
import type { PathPiece } from './outputs/shapes.ts';
import { geojsonJoin } from './path-text.ts';
import { column, rowWidth } from './segment-row.ts';

/** Reads the paths of the final tracks out of the chunks' outputs. */
export interface PathWalk {
  /** The pieces in track order. One pass over the outputs, chunk by chunk. */
  pieces(): AsyncGenerator<PathPiece>;
  /** Chunk edges over which two parts became one track or one stretch of lonely points. Known after the pass. */
  joined(): number;
}

/**
 * Puts the texts of the chunks together again by the rule by which `combine` joined the segments.
 *
 * @param table - The final tracks (`TrackTable`).
 */
export function walkPaths(outputs: AsyncIterable<ChunkOutput>, table: Float64Array): PathWalk {
  const count = table.length / rowWidth;
  const ordinalOf = (track: number): number => table[track * rowWidth + column.ordinal] as number;
  let joined = 0;

  async function* pieces(): AsyncGenerator<PathPiece> {
    let track = 0;
    let segments = 0;
    let before: SegmentTable | undefined;
    joined = 0;
    for await (const output of outputs) {
      const rows = output.table.length / rowWidth;
      if (rows === 0) continue;
      const goesOn = before !== undefined && joiningStep(before, output) !== undefined;
      if (goesOn) joined++;
      const base = goesOn ? segments - 1 : segments;
      for (let row = 0; row < rows; row++) {
        const ordinal = base + (output.table[row * rowWidth + column.ordinal] as number);
        while (track < count && ordinalOf(track) < ordinal) track++;
        if (track === count || ordinalOf(track) !== ordinal) continue;
        yield pieceOf(track, output, row, goesOn && row === 0 ? before : undefined);
      }
      segments = base + output.segments;
      before = { ...output, table: output.table.slice(-rowWidth) };
    }
  }
  return { pieces, joined: () => joined };
}

function pieceOf(track: number, { table, paths }: ChunkOutput, row: number, before: SegmentTable | undefined): PathPiece {
  if (!paths) throw new Error('A chunk output without paths was combined already.');
  const geojson = paths.geojson ? part(paths.geojson, row) : noText;
  return {
    track,
    geojson: before && paths.geojson ? joinText(before.table, table, geojson) : geojson,
    gpx: paths.gpx ? part(paths.gpx, row) : noText,
    points: paths.points ? part(paths.points, row) : noPath,
    preview: paths.preview ? part(paths.preview, row) : noPath,
  };
}

const noText = new Uint8Array(0);
const noPath = new Float64Array(0);

function part<All extends Uint8Array | Float64Array>({ all, ends }: Paths<All>, row: number): All {
  return all.subarray(row === 0 ? 0 : ends[row - 1], ends[row]) as All;
}

/** What lies between the last point of one chunk and the first of the next: a comma, or a cut at the antimeridian. */
function joinText(left: Float64Array, right: Float64Array, text: Uint8Array): Uint8Array {
  const join = geojsonJoin(
    left[column.lastLat] as number,
    left[column.lastLon] as number,
    right[column.firstLat] as number,
    right[column.firstLon] as number,
  );
  return Buffer.concat([Buffer.from(join, 'latin1'), text]);
}
