import { type Columns, reserve } from '../columns.ts';
import { parseDecimal } from '../csv/parse-decimal.ts';
import { parseTime } from '../csv/parse-time.ts';
import { highest } from '../csv/plain-row.ts';
import type { RowTally, SkipReason } from '../row-counts.ts';

/** What a format gives for a field: anything that is no number or text is as good as nothing. */
export type Field = unknown;

/** Takes the rows of any format, and holds them to the same rules as rows of CSV. */
export interface PointSink {
  /**
   * A row as its source has it. Texts and numbers are read as in CSV: epoch seconds or milliseconds, ISO 8601, decimal degrees, metres.
   *
   * @param ele - Anything that is no height leaves the point without one.
   * @param device - Which device it is of; null where the format does not say.
   */
  row(time: Field, lat: Field, lon: Field, ele: Field, device?: Field): void;
  /** A row that is no point for a reason that only its format knows. */
  skip(reason: SkipReason): void;
}

/** Where the points of one device are collected. */
export type ColumnsOf = (device: string) => Columns;

/** A sink that puts points into columns and counts every row. */
export function createPointSink(tally: RowTally, columnsOf: ColumnsOf): PointSink {
  const skip = (reason: SkipReason): void => {
    tally.rows++;
    tally.skipped[reason]++;
  };
  return {
    skip,
    row(time, lat, lon, ele, device) {
      if (isNothing(time) || isNothing(lat) || isNothing(lon)) return skip('missing');
      const t = timeIn(time);
      const y = numberIn(lat);
      const x = numberIn(lon);
      if (Number.isNaN(t)) return skip('bad_time');
      if (!Number.isFinite(y)) return skip('bad_lat');
      if (!Number.isFinite(x)) return skip('bad_lon');
      if (y < -90 || y > 90 || x < -180 || x > 180) return skip('out_of_range');
      tally.rows++;
      tally.valid++;
      const height = isNothing(ele) ? Number.NaN : numberIn(ele);
      add(columnsOf(isNothing(device) ? '' : String(device)), t, y, x, Math.abs(height) <= highest ? height : Number.NaN);
    },
  };
}

function add(points: Columns, time: number, lat: number, lon: number, ele: number): void {
  if (points.length === points.time.length) reserve(points, 1);
  const n = points.length++;
  points.time[n] = time;
  points.lat[n] = lat;
  points.lon[n] = lon;
  points.ele[n] = ele;
}

function isNothing(field: Field): boolean {
  return (typeof field !== 'number' && typeof field !== 'string') || field === '';
}

/** Room for any number or time that can be read. */
const scratch = new Uint8Array(64);

/** How many bytes of it a text takes; none where it can be neither number nor time. */
function scratchText(text: string): number {
  if (text.length > scratch.length) return 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text.charCodeAt(at);
    if (letter > 127) return 0;
    scratch[at] = letter;
  }
  return text.length;
}

/** A number as it is, or read from its text; NaN when it is neither. */
export function numberIn(field: Field): number {
  if (typeof field === 'number') return field;
  return typeof field === 'string' ? parseDecimal(scratch, 0, scratchText(field)) : Number.NaN;
}

/** A time as whole milliseconds since 1970; NaN when it is none. */
export function timeIn(field: Field): number {
  // As text, so that decimals of a second are cut off exactly.
  const text = typeof field === 'number' ? String(field) : field;
  return typeof text === 'string' ? parseTime(scratch, 0, scratchText(text)) : Number.NaN;
}
