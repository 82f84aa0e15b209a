import { haversine } from './haversine.ts';
import { addCounts, type RowCounts } from './row-counts.ts';
import { splits, splitsDay, type TrackRules } from './rules.ts';
import { column, joinSegments, rowWidth } from './segment-row.ts';

/** One kind of path of a chunk's segments, all in one array, with where the path of each row of the table ends. */
export interface Paths<All extends Uint8Array | Float64Array> {
  readonly all: All;
  readonly ends: Float64Array;
}

/** The paths of a chunk's segments, in the kinds that are asked for; null stands for the others. */
export interface PathTexts {
  readonly geojson: Paths<Uint8Array> | null;
  readonly gpx: Paths<Uint8Array> | null;
  /** Time, latitude, longitude and height of each point in turn, for paths that are simplified when their tracks are whole. */
  readonly points: Paths<Float64Array> | null;
  /** Simplified paths for the report's map. */
  readonly preview: Paths<Float64Array> | null;
}

/** The segments of a chunk, or of neighbouring chunks combined. */
export interface SegmentTable {
  /** Rows as in `segment-row.ts`. The first and the last may go on in the neighbours; all others are whole tracks. */
  readonly table: Float64Array;
  /** How many segments there are, with those too short to keep. */
  readonly segments: number;
  /** Points of the segments that were too short to keep. */
  readonly lonely: number;
  readonly duplicates: number;
  readonly outliers: number;
  /** Points amid a stay. */
  readonly dwelling: number;
  readonly counts: RowCounts;
  readonly rules: TrackRules;
}

/**
 * What a chunk gives.
 *
 * `combine` works on the segment tables and lets the paths go: combined, `paths` is null. The Law holds for the tables, exactly:
 * `combine(work(x), work(y))` is `work(x ++ y)` without its paths. Paths are large (25 bytes a point and more), need nothing but to be put one
 * after another, and would be copied log2(chunks) times and be held whole in memory; `finalize` reads them from the outputs, chunk by
 * chunk, and finds with the same rule as `combine` which of them belong together.
 */
export interface ChunkOutput extends SegmentTable {
  readonly paths: PathTexts | null;
}

/** Whether the last segment of one table goes on as the first of the next: the step between them, in metres, or undefined when it splits. */
export function joiningStep(left: SegmentTable, right: SegmentTable): number | undefined {
  if (left.table.length === 0 || right.table.length === 0 || right.table[column.stayed] === 1) return undefined;
  const tail = left.table.length - rowWidth;
  const of = (c: number): number => left.table[tail + c] as number;
  if (of(column.device) !== right.table[column.device]) return undefined;
  const metres = haversine(
    of(column.lastLat),
    of(column.lastLon),
    right.table[column.firstLat] as number,
    right.table[column.firstLon] as number,
  );
  const before = of(column.endMs);
  const time = right.table[column.startMs] as number;
  return splits(left.rules, time - before, metres) || splitsDay(left.rules, before, time) ? undefined : metres;
}

/** Joins two neighbours: the open end of the left one and the open beginning of the right one become one segment unless the rules split them. */
export function combineChunks(left: ChunkOutput, right: ChunkOutput): ChunkOutput {
  const step = joiningStep(left, right);
  const joined = joinTables(left, right, step);
  const { table, lonely } = dropShort(joined, seam(left, right, step), left.rules.minPoints);
  return {
    table,
    segments: left.segments + right.segments - (step === undefined ? 0 : 1),
    lonely: left.lonely + right.lonely + lonely,
    duplicates: left.duplicates + right.duplicates,
    outliers: left.outliers + right.outliers,
    dwelling: left.dwelling + right.dwelling,
    counts: addCounts(left.counts, right.counts),
    rules: left.rules,
    paths: null,
  };
}

function joinTables(left: SegmentTable, right: SegmentTable, step: number | undefined): Float64Array {
  const overlap = step === undefined ? 0 : rowWidth;
  const table = new Float64Array(left.table.length + right.table.length - overlap);
  table.set(left.table);
  table.set(right.table.subarray(overlap), left.table.length);
  if (step !== undefined) joinSegments(table, left.table.length - rowWidth, right.table, 0, step);
  const shift = left.segments - (step === undefined ? 0 : 1);
  for (let at = left.table.length; at < table.length; at += rowWidth) {
    table[at + column.ordinal] = (table[at + column.ordinal] as number) + shift;
  }
  return table;
}

/** The rows around the seam: the only ones that this joining may have made whole. */
function seam(left: SegmentTable, right: SegmentTable, step: number | undefined): readonly number[] {
  if (left.table.length === 0 || right.table.length === 0) return [];
  const tail = left.table.length - rowWidth;
  return step === undefined ? [tail, tail + rowWidth] : [tail];
}

/** Leaves out those of the given rows that are whole and too short. */
function dropShort(table: Float64Array, rows: readonly number[], minPoints: number): { table: Float64Array; lonely: number } {
  const last = table.length - rowWidth;
  const short = rows.filter((at) => at > 0 && at < last && (table[at + column.points] as number) < minPoints);
  const [first] = short;
  if (first === undefined) return { table, lonely: 0 };
  const kept = new Float64Array(table.length - short.length * rowWidth);
  kept.set(table.subarray(0, first));
  kept.set(table.subarray(first + short.length * rowWidth), first);
  return { table: kept, lonely: short.reduce((sum, at) => sum + (table[at + column.points] as number), 0) };
}
