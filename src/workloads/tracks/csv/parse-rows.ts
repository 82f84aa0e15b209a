import { type Columns, reserve } from '../columns.ts';
import { maxLineBytes } from '../history.ts';
import type { RowTally, SkipReason } from '../row-counts.ts';
import type { CsvLayout } from './layout.ts';
import { parseDecimal } from './parse-decimal.ts';
import { parseTime } from './parse-time.ts';

const newline = 10;
const quote = 34;

/** Heights beyond this many metres are no heights; sums of whole millimetres stay exact. */
const highest = 1_000_000;

/**
 * Reads whole lines from bytes: points go into the columns, every row into the tally.
 *
 * The last line may lack its line end. A quoted field may hold the delimiter, but no line break: a file is cut into ranges at its line breaks.
 */
export function createRowParser(layout: CsvLayout, points: Columns, tally: RowTally) {
  const { delimiter, time, lat, lon, ele, latScale, lonScale } = layout;
  const needed = Math.max(time, lat, lon);
  /** Where each of the fields that matter ends. */
  const ends = new Int32Array(Math.max(needed, ele) + 1);
  const startOf = (field: number, lineStart: number) => (field === 0 ? lineStart : (ends[field - 1] as number) + 1);

  /** Notes the ends of the fields of one line; answers how many there are. `lineEnd` is where the line break is, or the end. */
  let lineEnd = 0;
  const splitLine = (bytes: Uint8Array, start: number, end: number): number => {
    // As locals: what a function closes over is read anew for every byte.
    const into = ends;
    const between = delimiter;
    let field = 0;
    let fieldStart = start;
    let at = start;
    for (; at < end; at++) {
      const byte = bytes[at] as number;
      // Most bytes are digits.
      if (byte > quote && byte !== between) continue;
      if (byte === between) {
        if (field < into.length) into[field] = at;
        field++;
        fieldStart = at + 1;
      } else if (byte === newline) {
        break;
      } else if (byte === quote && at === fieldStart) {
        at = closingQuote(bytes, at + 1, end);
      }
    }
    if (field < into.length) into[field] = at;
    lineEnd = at;
    return field + 1;
  };

  /** Why a row is no point whose time, latitude or longitude is no number. */
  const explain = (bytes: Uint8Array, start: number, t: number, y: number): SkipReason => {
    const isMissing = [time, lat, lon].some((field) => isBlank(bytes, startOf(field, start), ends[field] as number));
    if (isMissing) return 'missing';
    if (Number.isNaN(t)) return 'bad_time';
    return Number.isFinite(y) ? 'bad_lon' : 'bad_lat';
  };

  const readLine = (bytes: Uint8Array, start: number, fields: number): SkipReason | 'point' | 'blank' => {
    if (lineEnd - start > maxLineBytes) return 'too_long';
    if (fields === 1 && isBlank(bytes, start, lineEnd)) return 'blank';
    if (fields <= needed) return 'too_few_columns';
    const t = parseTime(bytes, startOf(time, start), ends[time] as number);
    const y = parseDecimal(bytes, startOf(lat, start), ends[lat] as number) / latScale;
    const x = parseDecimal(bytes, startOf(lon, start), ends[lon] as number) / lonScale;
    if (!(Number.isFinite(t) && Number.isFinite(y) && Number.isFinite(x))) return explain(bytes, start, t, y);
    if (y < -90 || y > 90 || x < -180 || x > 180) return 'out_of_range';
    const height = ele >= 0 && ele < fields ? parseDecimal(bytes, startOf(ele, start), ends[ele] as number) : Number.NaN;
    if (points.length === points.time.length) reserve(points, 1);
    const n = points.length++;
    points.time[n] = t;
    points.lat[n] = y;
    points.lon[n] = x;
    points.ele[n] = height >= -highest && height <= highest ? height : Number.NaN;
    return 'point';
  };

  const tell = (what: SkipReason | 'point' | 'blank'): void => {
    if (what === 'blank') return;
    tally.rows++;
    if (what === 'point') tally.valid++;
    else tally.skipped[what]++;
  };

  return {
    /** Reads the lines of [start, end). */
    parse(bytes: Uint8Array, start: number, end: number): void {
      for (let at = start; at < end; at = lineEnd + 1) tell(readLine(bytes, at, splitLine(bytes, at, end)));
    },
    /** Counts a line that was too long to be held. */
    skipLongLine: (): void => tell('too_long'),
  };
}

export type RowParser = ReturnType<typeof createRowParser>;

/** The place of the quote that ends a quoted field; where the line ends when there is none. */
function closingQuote(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === newline) return at - 1;
    if (byte !== quote) continue;
    if (bytes[at + 1] !== quote) return at;
    at++;
  }
  return end - 1;
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte > 32 && byte !== quote) return false;
  }
  return true;
}
