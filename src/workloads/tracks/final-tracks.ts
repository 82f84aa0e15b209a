import type { SegmentTable } from './chunk-output.ts';
import { deviceCodes } from './device-codes.ts';
import type { FinalTrack } from './outputs/shapes.ts';
import { column, highUnit, rowWidth, wholeTurn } from './segment-row.ts';

/** The tracks of a whole history: its first and last segment have no neighbours, and must have enough points as all others. */
export interface TrackTable {
  /** Rows as in `segment-row.ts`, in time order. */
  readonly table: Float64Array;
  /** Points of all the segments that were too short. */
  readonly lonely: number;
}

/** Closes the open ends of a history's segments. */
export function closeEnds({ table, lonely, rules }: SegmentTable): TrackTable {
  let from = 0;
  let to = table.length;
  let dropped = lonely;
  const pointsAt = (at: number): number => table[at + column.points] as number;
  if (from < to && pointsAt(from) < rules.minPoints) {
    dropped += pointsAt(from);
    from += rowWidth;
  }
  if (from < to && pointsAt(to - rowWidth) < rules.minPoints) {
    dropped += pointsAt(to - rowWidth);
    to -= rowWidth;
  }
  return { table: table.slice(from, to), lonely: dropped };
}

/**
 * The tracks of a table, in time order, one device after another. A track's id is its start and its place among the tracks with that start,
 * behind the place of its device.
 *
 * @param devices - Names of the devices, where they are told apart.
 */
export function finalTracks(table: Float64Array, devices: readonly string[] = []): FinalTrack[] {
  const tracks: FinalTrack[] = [];
  const places = new Map(deviceCodes(devices).map((code, place) => [code, place]));
  let sameStart = 0;
  for (let at = 0; at < table.length; at += rowWidth) {
    const startMs = table[at + column.startMs] as number;
    const place = places.get(table[at + column.device] as number) ?? -1;
    const device = devices[place];
    const before = tracks.at(-1);
    sameStart = before?.startMs === startMs && before.device === device ? sameStart + 1 : 0;
    const id = `t${startMs}-${sameStart}`;
    tracks.push(device === undefined ? finalTrack(table, at, id) : { ...finalTrack(table, at, `d${place + 1}-${id}`), device });
  }
  return tracks;
}

function finalTrack(table: Float64Array, at: number, id: string): FinalTrack {
  const get = (c: number): number => table[at + c] as number;
  const height = (c: number): number | null => (Number.isNaN(get(c)) ? null : get(c));
  return {
    id,
    startMs: get(column.startMs),
    endMs: get(column.endMs),
    points: get(column.points),
    distanceUm: get(column.wayHigh) * highUnit + get(column.wayLow),
    movingMs: get(column.movingMs),
    movingUm: get(column.movingHigh) * highUnit + get(column.movingLow),
    maxSpeedMps: get(column.maxSpeed),
    gainMm: get(column.gain),
    lossMm: get(column.loss),
    minMm: height(column.minHeight),
    maxMm: height(column.maxHeight),
    bbox: bounds(get(column.west), get(column.south), get(column.east), get(column.north)),
  };
}

/** Bounds in degrees. West is greater than east where they span the antimeridian (RFC 7946, 5.2). */
function bounds(west: number, south: number, east: number, north: number): FinalTrack['bbox'] {
  const half = wholeTurn / 2;
  const degrees = (ten: number): number => ten / 1e7;
  if (east - west >= wholeTurn) return [-180, degrees(south), 180, degrees(north)];
  const turns = Math.floor((west + half) / wholeTurn) * wholeTurn;
  const from = west - turns;
  const to = east - turns > half ? east - turns - wholeTurn : east - turns;
  return [degrees(from), degrees(south), degrees(to), degrees(north)];
}
