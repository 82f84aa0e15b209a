import { createGrowingBytes, type GrowingBytes, makeRoom } from './growing-bytes.ts';
import {
  degreesRoom,
  tenMillionths,
  wholeRoom,
  writeAscii,
  writeTenMillionths,
  writeThousandths,
} from './outputs/ascii-digits.ts';
import { createIsoTimeWriter, isoTimeRoom } from './outputs/iso-time.ts';

/** Half a turn and a whole one, in ten-millionths of a degree. */
const halfTurn = 1_800_000_000;
const wholeTurn = 3_600_000_000;

const comma = 44;
const open = 91;
const close = 93;

/** Room for `[lon,lat]` and what comes before it: a comma, or a cut of at most `,[-180,lat]],[[180,lat],`. */
const pointRoom = 2 * degreesRoom + 3 + (2 * degreesRoom + 22);
/** Most points take less: two numbers of ten digits and three signs. */
export const usualPoint = 25;

/**
 * The points [from, to) as GeoJSON positions, `[lon,lat],[lon,lat]`, without brackets around them: ASCII, at most 7 decimals.
 *
 * A step of more than 180 degrees of longitude crosses the antimeridian. There the path is cut as RFC 7946 (3.1.9) asks:
 * it ends at ±180 and begins again on the other side, `...,[180,lat]],[[-180,lat],...`, so that within `[[` and `]]` the text
 * is the coordinates of a MultiLineString. Text without a cut is, within `[` and `]`, that of a LineString.
 *
 * The same bytes come out however the points are divided: `coordinates(0, n)` is `coordinates(0, k) + join + coordinates(k, n)`
 * with {@link geojsonJoin}.
 *
 * @param lat - Degrees within ±90.
 * @param lon - Degrees within ±180.
 */
export function geojsonCoordinates(lat: Float64Array, lon: Float64Array, from: number, to: number): Uint8Array {
  const into = createGrowingBytes((to - from) * usualPoint + pointRoom);
  addGeojson(into, lat, lon, from, to);
  return into.bytes.slice(0, into.length);
}

/** Writes {@link geojsonCoordinates} behind what is there. */
export function addGeojson(into: GrowingBytes, lat: Float64Array, lon: Float64Array, from: number, to: number): void {
  let { bytes, length: at } = into;
  let lastLat = 0;
  let lastLon = 0;
  for (let i = from; i < to; i++) {
    if (at + pointRoom > bytes.length) {
      into.length = at;
      bytes = makeRoom(into, pointRoom);
    }
    const nextLat = tenMillionths(lat[i] as number);
    const nextLon = tenMillionths(lon[i] as number);
    if (i > from) {
      if (isCrossing(lastLon, nextLon)) at = writeAscii(bytes, at, cutText(lastLat, lastLon, nextLat, nextLon));
      else bytes[at++] = comma;
    }
    bytes[at++] = open;
    at = writeTenMillionths(bytes, at, nextLon);
    bytes[at++] = comma;
    at = writeTenMillionths(bytes, at, nextLat);
    bytes[at++] = close;
    lastLat = nextLat;
    lastLon = nextLon;
  }
  into.length = at;
}

/** The text between two neighbouring fragments of one path, from the last point of one and the first of the next: a comma, or an antimeridian cut. */
export function geojsonJoin(lastLat: number, lastLon: number, firstLat: number, firstLon: number): string {
  const [latA, lonA, latB, lonB] = [lastLat, lastLon, firstLat, firstLon].map(tenMillionths) as [number, number, number, number];
  return isCrossing(lonA, lonB) ? cutText(latA, lonA, latB, lonB) : ',';
}

function isCrossing(lonA: number, lonB: number): boolean {
  return Math.abs(lonB - lonA) > halfTurn;
}

/** Where the straight step meets the antimeridian, on both sides of it. All in ten-millionths of a degree. */
function cutText(latA: number, lonA: number, latB: number, lonB: number): string {
  const side = lonA > 0 ? 1 : -1;
  const width = wholeTurn - Math.abs(lonB - lonA);
  const share = width === 0 ? 0 : (halfTurn - Math.abs(lonA)) / width;
  const bytes = new Uint8Array(degreesRoom);
  const end = writeTenMillionths(bytes, 0, Math.round(latA + (latB - latA) * share));
  const lat = String.fromCharCode(...bytes.subarray(0, end));
  return `,[${side * 180},${lat}]],[[${side * -180},${lat}],`;
}

const mark = {
  lat: ascii('<trkpt lat="'),
  lon: ascii('" lon="'),
  rest: ascii('">'),
  ele: ascii('<ele>'),
  eleEnd: ascii('</ele>'),
  time: ascii('<time>'),
  timeEnd: ascii('</time>'),
  end: ascii('</trkpt>\n'),
} as const;

/** Room for the marks of one point, its two coordinates, its height with three decimals and its time. */
const trackPointRoom =
  Object.values(mark).reduce((sum, text) => sum + text.length, 0) + 2 * degreesRoom + wholeRoom + 4 + isoTimeRoom;

/**
 * The points [from, to) as GPX 1.1 track points, one a line: `<trkpt lat=".." lon=".."><ele>..</ele><time>..</time></trkpt>`.
 *
 * Fragments of one path are put together without anything between them.
 *
 * @param t - Whole milliseconds since 1970; written in UTC. A time that no calendar date can hold is left out.
 * @param ele - Metres, written with at most three decimals; NaN where there is no height.
 */
export function gpxPoints(
  t: Float64Array,
  lat: Float64Array,
  lon: Float64Array,
  ele: Float64Array,
  from: number,
  to: number,
): Uint8Array {
  const into = createGrowingBytes((to - from) * trackPointRoom);
  addGpx(into, { time: t, lat, lon, ele }, from, to);
  return into.bytes.slice(0, into.length);
}

/** The columns that a GPX path is written from. */
type PathColumns = Readonly<Record<'time' | 'lat' | 'lon' | 'ele', Float64Array>>;

/** Writes {@link gpxPoints} behind what is there. */
export function addGpx(into: GrowingBytes, points: PathColumns, from: number, to: number): void {
  const { time, lat, lon, ele } = points;
  const iso = createIsoTimeWriter();
  const bytes = makeRoom(into, (to - from) * trackPointRoom);
  let at = into.length;
  for (let i = from; i < to; i++) {
    at = put(bytes, at, mark.lat);
    at = writeTenMillionths(bytes, at, tenMillionths(lat[i] as number));
    at = put(bytes, at, mark.lon);
    at = writeTenMillionths(bytes, at, tenMillionths(lon[i] as number));
    at = put(bytes, at, mark.rest);
    at = putHeight(bytes, at, ele[i] as number);
    const timeAt = put(bytes, at, mark.time);
    const timeEnd = iso.write(bytes, timeAt, time[i] as number);
    if (timeEnd > timeAt) at = put(bytes, timeEnd, mark.timeEnd);
    at = put(bytes, at, mark.end);
  }
  into.length = at;
}

function putHeight(bytes: Uint8Array, start: number, ele: number): number {
  const millimetres = Math.round(ele * 1000);
  if (!Number.isSafeInteger(millimetres)) return start;
  const at = writeThousandths(bytes, put(bytes, start, mark.ele), millimetres);
  return put(bytes, at, mark.eleEnd);
}

function put(bytes: Uint8Array, at: number, text: Uint8Array): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text[i] as number;
  return at + text.length;
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
