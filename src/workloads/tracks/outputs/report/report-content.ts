import { tenMillionths } from '../ascii-digits.ts';
import type { BatchSpan, FinalTrack, OutputSources } from '../shapes.ts';
import { trackRecord } from '../track-record.ts';

/** Most batches that the timeline draws. */
export const maxBatches = 4_000;

/** What the page's script reads. Short rows: a page of some thousand tracks stays near one megabyte. */
export interface ReportContent {
  /** id, start (epoch seconds), seconds, metres, points, average, moving and top speed in km/h, climb, descent in metres, path. */
  readonly tracks: readonly (readonly [
    string,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    readonly number[],
  ])[];
  readonly lanes: readonly string[];
  readonly states: readonly string[];
  /** number, place of the lane, begin and end in milliseconds from the first begin, place of the state, label. */
  readonly batches: readonly (readonly [number, number, number, number, number, string])[];
}

/** Puts the shown tracks and batches into the rows of the page. */
export function reportContent(
  { tracks, batches }: OutputSources,
  places: readonly number[],
  paths: readonly Float64Array[],
): ReportContent {
  const shown = chooseBatches(batches);
  const lanes = distinct(shown.map(({ lane }) => lane)).sort(naturally);
  const states = distinct(shown.map(({ status }) => status)).sort();
  const begin = shown.reduce((least, { startedAt }) => Math.min(least, startedAt), Number.POSITIVE_INFINITY);
  return {
    tracks: places.map((place, row) => trackRow(tracks[place] as FinalTrack, paths[row] as Float64Array)),
    lanes,
    states,
    batches: shown.map(({ number, lane, startedAt, endedAt, status, label }) => [
      number,
      lanes.indexOf(lane),
      startedAt - begin,
      endedAt - begin,
      states.indexOf(status),
      label ?? '',
    ]),
  };
}

function trackRow(track: FinalTrack, path: Float64Array): ReportContent['tracks'][number] {
  const record = trackRecord(track);
  return [
    record.id,
    record.start_ts,
    record.duration_s,
    Math.round(record.distance_m),
    record.points,
    tenths(record.avg_speed_kmh),
    tenths(record.moving_speed_kmh),
    tenths(record.max_speed_kmh),
    Math.round(record.elevation_gain_m),
    Math.round(record.elevation_loss_m),
    differences(path),
  ];
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A path as whole hundred-thousandths of a degree, about a metre, each as the difference to the point before. */
function differences(path: Float64Array): readonly number[] {
  const whole = Array.from(path, (degrees) => Math.round(tenMillionths(degrees) / 100));
  return whole.map((value, place) => (place < 2 ? value : value - (whole[place - 2] as number)));
}

/** All batches, or first those that did not complete, then the longest; in order of their numbers. */
function chooseBatches(batches: readonly BatchSpan[]): readonly BatchSpan[] {
  if (batches.length <= maxBatches) return batches;
  const rank = (batch: BatchSpan): number =>
    batch.status === 'completed' ? batch.endedAt - batch.startedAt : Number.MAX_SAFE_INTEGER;
  return [...batches]
    .sort((a, b) => rank(b) - rank(a) || a.number - b.number)
    .slice(0, maxBatches)
    .sort((a, b) => a.number - b.number);
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

/** Lane 2 before lane 10. */
function naturally(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
