import { type Columns, reserve } from '../columns.ts';
import { maxLineBytes } from '../history.ts';
import type { CsvLayout } from './layout.ts';
import { exactPowers } from './parse-decimal.ts';
import { firstMilliseconds, noTime } from './parse-time.ts';

const newline = 10;
const carriageReturn = 13;
const quote = 34;
const minus = 45;
const dot = 46;

/** Most digits that a number may have whose digits, read as one whole number, are exact. */
const exactDigits = 15;

/** Heights beyond this many metres are no heights; sums of whole millimetres stay exact. */
export const highest = 1_000_000;

/** Places in `values`. */
const place = { time: 0, lat: 1, lon: 2, ele: 3 } as const;

/** What is known of a file's plain rows, and the numbers of the one in hand: in an array, since a double that a function returns costs an object. */
export interface PlainRows {
  readonly layout: CsvLayout;
  /** For each column up to the last that matters, its place in `values`; -1 for one that is passed over. */
  readonly places: Int8Array;
  /** The last column that a point needs. */
  readonly needed: number;
  readonly values: Float64Array;
}

/** Prepares for the plain rows of a file. */
export function plainRowsOf(layout: CsvLayout): PlainRows {
  const { time, lat, lon, ele } = layout;
  const needed = Math.max(time, lat, lon);
  const places = new Int8Array(Math.max(needed, ele) + 1).fill(-1);
  for (const name of ['time', 'lat', 'lon', 'ele'] as const) if (layout[name] >= 0) places[layout[name]] = place[name];
  return { layout, places, needed, values: new Float64Array(4) };
}

/**
 * Adds the point of a row as most are written: bare decimal numbers, the time in whole seconds or milliseconds since 1970.
 * It reads each byte once, and takes half the time of the reading that knows every form.
 *
 * @returns Where the row's line ends; -1 for any other row, of which nothing is noted.
 */
export function takePlainRow(rows: PlainRows, points: Columns, bytes: Uint8Array, start: number, end: number): number {
  const { places, needed, values, layout } = rows;
  const { delimiter } = layout;
  values[place.ele] = Number.NaN;
  let at = start;
  for (let field = 0; field < places.length; field++) {
    const into = places[field] as number;
    at = into < 0 ? skipField(bytes, at, end, delimiter) : readNumber(bytes, at, end, values, into);
    if (at < end && bytes[at] === delimiter) at++;
    else if (field < needed || !endsLine(bytes, at, end)) return -1;
    else break;
  }
  while (at < end && bytes[at] !== newline) at++;
  return at - start <= maxLineBytes && addPoint(rows, points) ? at : -1;
}

/** Reads digits with a sign before and a point among them, as far as they go: NaN when there are none, infinite when there are too many to be exact. */
function readNumber(bytes: Uint8Array, start: number, end: number, values: Float64Array, into: number): number {
  const first = start < end && bytes[start] === minus ? start + 1 : start;
  let mantissa = 0;
  let point = -1;
  let at = first;
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte >= 48 && byte <= 57) mantissa = mantissa * 10 + (byte - 48);
    else if (byte === dot && point < 0) point = at;
    else break;
  }
  const digits = point < 0 ? at - first : at - first - 1;
  const size = point < 0 ? mantissa : mantissa / (exactPowers[Math.min(at - point - 1, exactDigits)] as number);
  if (digits === 0) values[into] = Number.NaN;
  else if (digits > exactDigits) values[into] = Number.POSITIVE_INFINITY;
  else values[into] = first === start ? size : -size;
  return at;
}

function skipField(bytes: Uint8Array, start: number, end: number, delimiter: number): number {
  let at = start;
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === delimiter || byte === newline || byte === quote) break;
  }
  return at;
}

function endsLine(bytes: Uint8Array, at: number, end: number): boolean {
  const last = at < end && bytes[at] === carriageReturn ? at + 1 : at;
  return last >= end || bytes[last] === newline;
}

/** Adds the point that the values are, if they are one. */
function addPoint({ layout, values }: PlainRows, points: Columns): boolean {
  const time = values[place.time] as number;
  const lat = (values[place.lat] as number) / layout.latScale;
  const lon = (values[place.lon] as number) / layout.lonScale;
  const height = values[place.ele] as number;
  if (!(time >= 0 && time < noTime && Number.isInteger(time))) return false;
  if (height === Number.POSITIVE_INFINITY) return false;
  if (!(lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180)) return false;
  if (points.length === points.time.length) reserve(points, 1);
  const n = points.length++;
  // No -0, as for every time.
  points.time[n] = (time >= firstMilliseconds ? time : time * 1000) + 0;
  points.lat[n] = lat;
  points.lon[n] = lon;
  points.ele[n] = height >= -highest && height <= highest ? height : Number.NaN;
  return true;
}
