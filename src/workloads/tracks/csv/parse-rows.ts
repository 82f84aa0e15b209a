import { type Columns, reserve } from '../columns.ts';
import { maxLineBytes } from '../history.ts';
import type { RowTally, SkipReason } from '../row-counts.ts';
import type { CsvLayout } from './layout.ts';
import { parseDecimal } from './parse-decimal.ts';
import { parseTime } from './parse-time.ts';
import { highest, plainRowsOf, takePlainRow } from './plain-row.ts';

const newline = 10;
const quote = 34;

/** What one parser knows and notes. Functions that take it are compiled once for all parsers; closures over it were compiled anew for each. */
interface State {
  readonly layout: CsvLayout;
  readonly points: Columns;
  readonly tally: RowTally;
  /** The last column that a point needs. */
  readonly needed: number;
  /** Where each of the fields that matter ends, and where the line does: at its line break or at the end of the bytes. */
  readonly ends: Int32Array;
  lineEnd: number;
}

/** Reads lines into columns. */
export interface RowParser {
  /** Reads the lines of [start, end). */
  parse(bytes: Uint8Array, start: number, end: number): void;
  /** Counts a line that was too long to be held. */
  skipLongLine(): void;
}

/**
 * Reads whole lines from bytes: points go into the columns, every row into the tally.
 *
 * @param onPoint - Called after each point with its field of the layout's column `device`.
 *
 * The last line may lack its line end. A quoted field may hold the delimiter, but no line break: a file is cut into ranges at its line breaks.
 */
export function createRowParser(
  layout: CsvLayout,
  points: Columns,
  tally: RowTally,
  onPoint?: (device: string) => void,
): RowParser {
  const needed = Math.max(layout.time, layout.lat, layout.lon);
  const ends = new Int32Array(Math.max(needed, layout.ele, layout.device ?? -1) + 1);
  const plain = plainRowsOf(layout);
  const state: State = { layout, points, tally, needed, ends, lineEnd: 0 };
  const readWhole: RowParser['parse'] = (bytes, start, end) => {
    for (let at = start; at < end; at = state.lineEnd + 1) {
      const fields = splitLine(state, bytes, at, end);
      const what = readLine(state, bytes, at, fields);
      tell(tally, what);
      if (what === 'point') onPoint?.(deviceIn(state, bytes, at, fields));
    }
  };
  if (onPoint) return { parse: readWhole, skipLongLine: () => tell(tally, 'too_long') };
  return {
    parse(bytes, start, end) {
      for (let at = start; at < end; at = state.lineEnd + 1) {
        state.lineEnd = takePlainRow(plain, points, bytes, at, end);
        tell(tally, state.lineEnd >= 0 ? 'point' : readLine(state, bytes, at, splitLine(state, bytes, at, end)));
      }
    },
    skipLongLine: () => tell(tally, 'too_long'),
  };
}

/** Notes the ends of the fields of one line; answers how many there are. */
function splitLine(state: State, bytes: Uint8Array, start: number, end: number): number {
  const { ends } = state;
  const { delimiter } = state.layout;
  let field = 0;
  let fieldStart = start;
  let at = start;
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    // Most bytes are digits.
    if (byte > quote && byte !== delimiter) continue;
    if (byte === delimiter) {
      if (field < ends.length) ends[field] = at;
      field++;
      fieldStart = at + 1;
    } else if (byte === newline) {
      break;
    } else if (byte === quote && at === fieldStart) {
      at = closingQuote(bytes, at + 1, end);
    }
  }
  if (field < ends.length) ends[field] = at;
  state.lineEnd = at;
  return field + 1;
}

function readLine(state: State, bytes: Uint8Array, start: number, fields: number): SkipReason | 'point' | 'blank' {
  const { layout, ends, lineEnd, needed } = state;
  const { time, lat, lon, ele } = layout;
  if (lineEnd - start > maxLineBytes) return 'too_long';
  if (fields === 1 && isBlank(bytes, start, lineEnd)) return 'blank';
  if (fields <= needed) return 'too_few_columns';
  const t = parseTime(bytes, startOf(ends, time, start), ends[time] as number);
  const y = parseDecimal(bytes, startOf(ends, lat, start), ends[lat] as number) / layout.latScale;
  const x = parseDecimal(bytes, startOf(ends, lon, start), ends[lon] as number) / layout.lonScale;
  if (!(Number.isFinite(t) && Number.isFinite(y) && Number.isFinite(x))) return explain(state, bytes, start, t, y);
  if (y < -90 || y > 90 || x < -180 || x > 180) return 'out_of_range';
  const height = ele >= 0 && ele < fields ? parseDecimal(bytes, startOf(ends, ele, start), ends[ele] as number) : Number.NaN;
  addPoint(state.points, t, y, x, height >= -highest && height <= highest ? height : Number.NaN);
  return 'point';
}

function deviceIn({ layout, ends }: State, bytes: Uint8Array, start: number, fields: number): string {
  const { device = fields } = layout;
  if (device >= fields) return '';
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + startOf(ends, device, start));
  return text
    .toString('utf8', 0, (ends[device] as number) - startOf(ends, device, start))
    .replaceAll('"', '')
    .trim();
}

function startOf(ends: Int32Array, field: number, lineStart: number): number {
  return field === 0 ? lineStart : (ends[field - 1] as number) + 1;
}

function addPoint(points: Columns, time: number, lat: number, lon: number, ele: number): void {
  if (points.length === points.time.length) reserve(points, 1);
  const n = points.length++;
  points.time[n] = time;
  points.lat[n] = lat;
  points.lon[n] = lon;
  points.ele[n] = ele;
}

/** Why a row is no point whose time, latitude or longitude is no number. */
function explain({ layout, ends }: State, bytes: Uint8Array, start: number, t: number, y: number): SkipReason {
  const { time, lat, lon } = layout;
  const isMissing = [time, lat, lon].some((field) => isBlank(bytes, startOf(ends, field, start), ends[field] as number));
  if (isMissing) return 'missing';
  if (Number.isNaN(t)) return 'bad_time';
  return Number.isFinite(y) ? 'bad_lon' : 'bad_lat';
}

function tell(tally: RowTally, what: SkipReason | 'point' | 'blank'): void {
  if (what === 'blank') return;
  tally.rows++;
  if (what === 'point') tally.valid++;
  else tally.skipped[what]++;
}

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
