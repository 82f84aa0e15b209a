import type { Columns } from './columns.ts';

/**
 * A segment is a stretch of points without a split, within one chunk or grown over several. It is one row of a table of doubles.
 *
 * Whatever is summed is a whole number, so that sums do not depend on where chunks were cut: ways in micrometres, heights in millimetres,
 * times in milliseconds. Ways are held in two numbers, since a double counts micrometres exactly only to 9 million km.
 */
export const column = {
  /** Which segment of its chunks this is, from 0; dropped ones count. */
  ordinal: 0,
  points: 1,
  startMs: 2,
  endMs: 3,
  firstLat: 4,
  firstLon: 5,
  lastLat: 6,
  lastLon: 7,
  /** Way: thousands of kilometres, and micrometres below that. */
  wayHigh: 8,
  wayLow: 9,
  /** Way and time of the steps faster than half a metre a second. */
  movingHigh: 10,
  movingLow: 11,
  movingMs: 12,
  /** Fastest step that took any time, metres per second. */
  maxSpeed: 13,
  /** Heights in millimetres; NaN while no point had one. */
  firstHeight: 14,
  lastHeight: 15,
  minHeight: 16,
  maxHeight: 17,
  gain: 18,
  loss: 19,
  /** Bounds in ten-millionths of a degree; longitudes count on over the antimeridian. */
  south: 20,
  north: 21,
  west: 22,
  east: 23,
  /** Turns around the globe, eastwards, that the last longitude lies beyond the first. */
  turns: 24,
  /** Number of the device, by its name (`deviceCodes`); 0 where devices are not told apart. */
  device: 25,
  /** 1: somebody stayed between the point before the first and the first, so that nothing before goes on in this segment. */
  stayed: 26,
} as const;

/** Doubles in a row. */
export const rowWidth = 27;

/** Micrometres that make one unit of the high part of a way. */
export const highUnit = 1e12;

/** Steps slower than this, in metres per second, are not moving. */
const movingSpeed = 0.5;

/** A whole turn in ten-millionths of a degree. */
export const wholeTurn = 3_600_000_000;

type Table = Float64Array;

/** Begins a segment with one point. */
export function startSegment(table: Table, at: number, time: number, lat: number, lon: number, ele: number): void {
  table.fill(0, at, at + rowWidth);
  table[at + column.points] = 1;
  table[at + column.startMs] = time;
  table[at + column.endMs] = time;
  table[at + column.firstLat] = table[at + column.lastLat] = lat;
  table[at + column.firstLon] = table[at + column.lastLon] = lon;
  table[at + column.south] = table[at + column.north] = ten(lat);
  table[at + column.west] = table[at + column.east] = ten(lon);
  const height = Math.round(ele * 1000) + 0;
  for (let c: number = column.firstHeight; c <= column.maxHeight; c++) table[at + c] = height;
}

/** Goes on to point `i`, `metres` away. It reads the point by itself: each double that is handed to a function this large costs an object. */
export function extendSegment(table: Table, at: number, points: Columns, i: number, metres: number): void {
  const time = points.time[i] as number;
  const lat = points.lat[i] as number;
  const lon = points.lon[i] as number;
  (table[at + column.points] as number)++;
  addStep(table, at, time - (table[at + column.endMs] as number), metres);
  const turns = (table[at + column.turns] as number) + turnOf(table[at + column.lastLon] as number, lon);
  const y = ten(lat);
  const x = ten(lon) + turns * wholeTurn;
  if (y < (table[at + column.south] as number)) table[at + column.south] = y;
  if (y > (table[at + column.north] as number)) table[at + column.north] = y;
  if (x < (table[at + column.west] as number)) table[at + column.west] = x;
  if (x > (table[at + column.east] as number)) table[at + column.east] = x;
  table[at + column.turns] = turns;
  table[at + column.endMs] = time;
  table[at + column.lastLat] = lat;
  table[at + column.lastLon] = lon;
  const height = Math.round((points.ele[i] as number) * 1000) + 0;
  if (!Number.isNaN(height)) addHeights(table, at, height, height, height, height);
}

/** Adds the segment at `from` of another table to the one at `at`: no split lies between them, the step is `metres` long. */
export function joinSegments(table: Table, at: number, other: Table, from: number, metres: number): void {
  const right = (c: number): number => other[from + c] as number;
  add(table, at + column.points, right(column.points));
  addStep(table, at, right(column.startMs) - (table[at + column.endMs] as number), metres);
  addWay(table, at + column.wayHigh, right(column.wayHigh), right(column.wayLow));
  addWay(table, at + column.movingHigh, right(column.movingHigh), right(column.movingLow));
  add(table, at + column.movingMs, right(column.movingMs));
  raise(table, at + column.maxSpeed, right(column.maxSpeed));
  const turns = (table[at + column.turns] as number) + turnOf(table[at + column.lastLon] as number, right(column.firstLon));
  lower(table, at + column.south, right(column.south));
  raise(table, at + column.north, right(column.north));
  lower(table, at + column.west, right(column.west) + turns * wholeTurn);
  raise(table, at + column.east, right(column.east) + turns * wholeTurn);
  table[at + column.turns] = turns + right(column.turns);
  for (const c of [column.endMs, column.lastLat, column.lastLon]) table[at + c] = right(c);
  if (Number.isNaN(right(column.firstHeight))) return;
  addHeights(table, at, right(column.firstHeight), right(column.lastHeight), right(column.minHeight), right(column.maxHeight));
  add(table, at + column.gain, right(column.gain));
  add(table, at + column.loss, right(column.loss));
}

function addStep(table: Table, at: number, ms: number, metres: number): void {
  const way = Math.round(metres * 1e6);
  addWay(table, at + column.wayHigh, 0, way);
  if (ms <= 0) return;
  const speed = (metres / ms) * 1000;
  if (speed > (table[at + column.maxSpeed] as number)) table[at + column.maxSpeed] = speed;
  if (speed <= movingSpeed) return;
  addWay(table, at + column.movingHigh, 0, way);
  add(table, at + column.movingMs, ms);
}

/** Keeps the low part below one high unit: each way is written in one manner only. */
function addWay(table: Table, at: number, high: number, low: number): void {
  let sum = (table[at + 1] as number) + low;
  let carried = high;
  if (sum >= highUnit) {
    const units = Math.floor(sum / highUnit);
    carried += units;
    sum -= units * highUnit;
  }
  table[at + 1] = sum;
  if (carried > 0) add(table, at, carried);
}

/** Goes on from the last height to heights that begin with `first` and end with `last`. */
function addHeights(table: Table, at: number, first: number, last: number, min: number, max: number): void {
  const before = table[at + column.lastHeight] as number;
  table[at + column.lastHeight] = last;
  if (Number.isNaN(before)) {
    table[at + column.firstHeight] = first;
    table[at + column.minHeight] = min;
    table[at + column.maxHeight] = max;
    return;
  }
  if (first > before) add(table, at + column.gain, first - before);
  else add(table, at + column.loss, before - first);
  lower(table, at + column.minHeight, min);
  raise(table, at + column.maxHeight, max);
}

/** 1 where a step crosses the antimeridian eastwards, -1 westwards. Decided on rounded longitudes, as for the written path. */
function turnOf(lonA: number, lonB: number): number {
  const step = lonB - lonA;
  if (step < 179 && step > -179) return 0;
  const rounded = ten(lonB) - ten(lonA);
  return rounded < -wholeTurn / 2 ? 1 : rounded > wholeTurn / 2 ? -1 : 0;
}

function ten(degrees: number): number {
  return Math.round(degrees * 1e7) + 0;
}

function add(table: Table, at: number, value: number): void {
  table[at] = (table[at] as number) + value;
}

function lower(table: Table, at: number, value: number): void {
  if (value < (table[at] as number)) table[at] = value;
}

function raise(table: Table, at: number, value: number): void {
  if (value > (table[at] as number)) table[at] = value;
}
