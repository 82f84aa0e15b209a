import type { Columns } from './columns.ts';
import { haversine } from './haversine.ts';
import { type SlidingMax, slidingMax } from './sliding-max.ts';

/** When somebody stayed. */
export interface DwellRule {
  /** For at least so long, milliseconds. */
  readonly timeMs: number;
  /** Within so many metres of one place. */
  readonly radiusM: number;
  /** Longer steps tell nothing of where somebody was in between, milliseconds. */
  readonly stepMs: number;
}

/** How far in time the rule looks to either side of a point, milliseconds. */
export function dwellReach({ timeMs, stepMs }: DwellRule): number {
  return timeMs + stepMs;
}

const tenMillionths = 1e7;
const wholeTurn = 360 * tenMillionths;

/**
 * Finds where somebody stayed: each stretch from a point to the first that is the time later, all of whose points lie in a box with a diagonal of twice
 * the radius. Stretches may overlap, so that a stay of any length is found by those that it is made of; each looks no further than its own end,
 * so that it does not matter where a history is cut.
 *
 * @param points - In time order.
 * @returns For each point whether the step to it, from the point before, lies within a stay; and a 0 behind the last.
 */
export function findDwells({ time, lat, lon, length }: Columns, { timeMs, radiusM, stepMs }: DwellRule): Uint8Array {
  const steps = new Uint8Array(length + 1);
  const box = createBox(lat, unwrapped(lon, length), length);
  let end = 0;
  /** First point behind the last step that was too long. */
  let begin = 0;
  let staysUntil = 0;
  for (let i = 0; i < length; i++) {
    const full = (time[i] as number) + timeMs;
    while (end < length && (end <= i || (time[end - 1] as number) < full)) {
      if (end > 0 && (time[end] as number) - (time[end - 1] as number) > stepMs) begin = end;
      box.take(end++);
    }
    if (begin <= i && (time[end - 1] as number) >= full && box.diagonal() <= 2 * radiusM) staysUntil = end - 1;
    if (i < staysUntil) steps[i + 1] = 1;
    box.leave(i);
  }
  return steps;
}

/** Longitudes in ten-millionths of a degree that go on over the antimeridian: whole numbers, whose differences do not depend on where one began. */
function unwrapped(lon: Float64Array, length: number): Float64Array {
  const along = new Float64Array(length);
  let turns = 0;
  for (let i = 0; i < length; i++) {
    const step = i === 0 ? 0 : (lon[i] as number) - (lon[i - 1] as number);
    if (step > 180) turns--;
    else if (step < -180) turns++;
    along[i] = Math.round((lon[i] as number) * tenMillionths) + turns * wholeTurn;
  }
  return along;
}

interface Box {
  take(i: number): void;
  leave(i: number): void;
  /** Metres from its south-western to its north-eastern corner. */
  diagonal(): number;
}

function createBox(lat: Float64Array, along: Float64Array, length: number): Box {
  const north = slidingMax(lat.subarray(0, length));
  const south = slidingMax(negated(lat, length));
  const east = slidingMax(along);
  const west = slidingMax(negated(along, length));
  const sides: readonly SlidingMax[] = [north, south, east, west];
  return {
    take(i) {
      for (const side of sides) side.take(i);
    },
    leave(i) {
      for (const side of sides) side.leave(i);
    },
    diagonal() {
      const width = (east.max() + west.max()) / tenMillionths;
      return width >= 180 ? Number.POSITIVE_INFINITY : haversine(-south.max(), 0, north.max(), width);
    },
  };
}

function negated(values: Float64Array, length: number): Float64Array {
  const negative = new Float64Array(length);
  for (let i = 0; i < length; i++) negative[i] = -(values[i] as number);
  return negative;
}
