import { tenMillionths } from './ascii-digits.ts';
import type { FinalTrack } from './shapes.ts';

/** One track as the files show it: seconds, metres, km/h and degrees; at most three decimals, seven for degrees. */
export interface TrackRecord {
  readonly id: string;
  /** Only where devices are told apart; null for points that name none. */
  readonly device?: string | null;
  readonly start_ts: number;
  readonly end_ts: number;
  readonly points: number;
  readonly distance_m: number;
  readonly duration_s: number;
  readonly avg_speed_kmh: number;
  readonly max_speed_kmh: number;
  readonly moving_speed_kmh: number;
  readonly elevation_gain_m: number;
  readonly elevation_loss_m: number;
  readonly elevation_min_m: number | null;
  readonly elevation_max_m: number | null;
  /** West, south, east, north. */
  readonly bbox: readonly number[];
}

/**
 * A track in the units of the files.
 *
 * Every number is a whole number of thousandths divided by 1,000 once: the nearest double, whose shortest decimal text
 * has at most three decimals. So `JSON.stringify` shows no float noise, on any machine.
 */
export function trackRecord(track: FinalTrack): TrackRecord {
  const durationMs = track.endMs - track.startMs;
  return {
    id: track.id,
    ...(track.device !== undefined && { device: track.device === '' ? null : track.device }),
    start_ts: fromThousandths(track.startMs),
    end_ts: fromThousandths(track.endMs),
    points: track.points,
    distance_m: fromThousandths(Math.round(track.distanceUm / 1000)),
    duration_s: fromThousandths(durationMs),
    avg_speed_kmh: kmh(track.distanceUm, durationMs),
    max_speed_kmh: fromThousandths(Math.round(track.maxSpeedMps * 3600)),
    moving_speed_kmh: kmh(track.movingUm, track.movingMs),
    elevation_gain_m: fromThousandths(track.gainMm),
    elevation_loss_m: fromThousandths(track.lossMm),
    elevation_min_m: track.minMm === null ? null : fromThousandths(track.minMm),
    elevation_max_m: track.maxMm === null ? null : fromThousandths(track.maxMm),
    bbox: track.bbox.map((degrees) => tenMillionths(degrees) / 1e7),
  };
}

let last: { readonly track: FinalTrack; readonly text: string } | undefined;

/** The record as JSON. The files are written side by side, one track after another: the text is made for the first of them, and kept for the next. */
export function recordText(track: FinalTrack): string {
  if (last?.track !== track) last = { track, text: JSON.stringify(trackRecord(track)) };
  return last.text;
}

/** Micrometres in milliseconds are millimetres a second: 3.6 thousandths of a km/h. No time, no speed. */
function kmh(micrometres: number, ms: number): number {
  return ms > 0 ? fromThousandths(Math.round((micrometres / ms) * 3.6)) : 0;
}

function fromThousandths(value: number): number {
  return value / 1000;
}
