import type { BatchState } from '../../../model/moves.ts';

/** One finished track in whole base units, so that it is written without float noise. */
export interface FinalTrack {
  /** Deterministic: the same history gives the same ids. */
  readonly id: string;
  /** Name of the device, where devices are told apart; `''` for points that name none. */
  readonly device?: string;
  /** First and last point, whole milliseconds since 1970. */
  readonly startMs: number;
  readonly endMs: number;
  readonly points: number;
  /** Sum of the steps, in whole micrometres. */
  readonly distanceUm: number;
  /** Time and way of the steps that count as moving, whole milliseconds and micrometres. */
  readonly movingMs: number;
  readonly movingUm: number;
  /** Fastest step, metres per second. Finite. */
  readonly maxSpeedMps: number;
  /** Sums of the rising and of the falling steps, whole millimetres, both at least 0. */
  readonly gainMm: number;
  readonly lossMm: number;
  /** Lowest and highest height, whole millimetres; null when no point has one. */
  readonly minMm: number | null;
  readonly maxMm: number | null;
  /** West, south, east, north in degrees. */
  readonly bbox: readonly [west: number, south: number, east: number, north: number];
}

/** A piece of one track's path, as the workers made it. */
export interface PathPiece {
  /** Place of the track in `tracks`, from 0. */
  readonly track: number;
  /** Text of `geojsonCoordinates`. The producer puts `geojsonJoin` before a track's second and later pieces: pieces are written one after another as they are. */
  readonly geojson: Uint8Array;
  /** Text of `gpxPoints`; needed for the format `gpx` only. */
  readonly gpx?: Uint8Array;
  /** Time, latitude, longitude and height in turn, where paths are simplified before they become text. */
  readonly points?: Float64Array;
  /** Longitude and latitude in turn, degrees, of a simplified path (`previewPath`); may be empty. */
  readonly preview: Float64Array;
}

/** The paths of all tracks, in track order; a long track may come in several pieces, one after another. */
export type TrackPaths = AsyncIterable<PathPiece>;

/** What happened to every row, and what it took. */
export interface RunSummary {
  /** Names of the inputs, for the reader; shown, never opened. */
  readonly inputs?: readonly string[];
  /** Rows read, without headers. */
  readonly rows: number;
  /** Rows that are points. */
  readonly valid: number;
  /** Rows that are not, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Points dropped because an equal one was kept. */
  readonly duplicates: number;
  /** Points that were too fast to be true. */
  readonly outliers: number;
  /** Points amid a stay: of each stay its first and its last are kept. */
  readonly dwelling: number;
  /** Points of tracks that were too short to keep. */
  readonly lonely: number;
  readonly tracks: number;
  readonly chunks: number;
  /** Chunk edges over which two parts became one track. */
  readonly joined: number;
  /** From start to result, milliseconds. */
  readonly elapsedMs: number;
}

/** One batch on the timeline of the report. */
export interface BatchSpan {
  readonly number: number;
  /** Who ran it: a worker's name or number. One row of the timeline each. */
  readonly lane: string;
  /** The lane was made up from the times, because nobody knows who ran it: the report says so. @default false */
  readonly assumedLane?: boolean;
  /** What it held, in a few words, such as its range of time. */
  readonly label?: string;
  readonly status: BatchState;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Everything that the outputs are written from. */
export interface OutputSources {
  /** In time order. */
  readonly tracks: readonly FinalTrack[];
  /** Called once, and only when a format needs paths. */
  paths(): TrackPaths;
  readonly summary: RunSummary;
  readonly batches: readonly BatchSpan[];
}

/** The files that can be written: `tracks.json`, `tracks.geojson`, `tracks.gpx`, `summary.json`, `report.html`. */
export type OutputFormat = 'json' | 'geojson' | 'gpx' | 'summary' | 'report';

/** All formats, in the order in which their files take their places. */
export const outputFormats: readonly OutputFormat[] = ['json', 'geojson', 'gpx', 'report', 'summary'];
