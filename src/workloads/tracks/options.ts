import { type Duration, durationMs } from '../../model/duration.ts';
import { InvalidOptionError } from '../../model/errors.ts';
import { type OutputFormat, outputFormats } from './outputs/shapes.ts';
import type { TrackRules } from './rules.ts';

/** Whether a run computes everything, or only what changed since the one before. */
export type TracksMode = 'bulk' | 'incremental';

/** How a history becomes tracks, and what is written. */
export interface TracksOptions {
  /**
   * `'incremental'`: ranges whose points did not change since an earlier incremental run, of the same options and into the same folder (or of the
   * same user), are not computed again. The result is the same. @default 'bulk'
   */
  mode?: TracksMode;
  /** A longer time between two points begins a new track. From 1 ms to 36,500 days. @default '30m' */
  gap?: Duration;
  /** A longer way between two points begins a new track: metres, more than 0; `'off'`: only time splits. @default 500 */
  jump?: number | 'off';
  /** `'or'`: time or way is enough; `'and'`: both are needed. @default 'or' */
  rule?: 'or' | 'and';
  /**
   * Each device has a history of its own, its tracks behind those of the device before it by name. The name of the CSV column that tells devices
   * apart; other formats tell by themselves (OwnTracks, Google, GeoJSON) or are of one device without a name. @default all are one history
   */
  device?: string;
  /** A new track begins with each calendar day of this zone, such as `'Europe/Zurich'` or `'UTC'`. @default days do not split */
  splitDay?: string;
  /** Tracks of fewer points are dropped; their points are counted as lonely. A whole number from 1 to 1,000,000. @default 2 */
  minPoints?: number;
  /** `'exact'` drops a point equal in time, latitude and longitude to an earlier one. @default 'exact' */
  dedupe?: 'exact' | 'none';
  /**
   * Drops points that would take a way to them and a way on both faster than this, metres a second, more than 0: fixes that jump aside and back.
   * Each chunk then reads its neighbours, too. @default 'off'
   */
  maxSpeed?: number | 'off';
  /**
   * Splits where somebody stayed for at least so long, within {@link TracksOptions.dwellRadius}: a track ends with the first point of the stay, the next
   * begins with its last, and those between are dropped and counted. Steps longer than `gap`, or a day, belong to no stay. From 1 ms to 1 day.
   * Each chunk then reads its neighbours, too. @default 'off'
   */
  dwellTime?: Duration | 'off';
  /** How far from the middle of a stay points may lie, metres, more than 0. @default 50 */
  dwellRadius?: number;
  /**
   * Leaves points out of the paths in `tracks.geojson` and `tracks.gpx` that lie no further than so many metres, more than 0, from the line that stays
   * (Douglas and Peucker, 4,096 points at a time). All numbers are still of all points. @default 'off'
   */
  simplify?: number | 'off';
  /** Length of the ranges of time that workers take, whole milliseconds up to 36,500 days, or `'all'`. Changes the speed, never the result. @default '1d' */
  chunk?: Duration | 'all';
  /** Which files are written. @default all of them */
  formats?: readonly OutputFormat[];
  /** Bytes of text that one worker sorts in memory, when an input is not in time order. A whole number from 64 KB to 1 GB. @default 16 MB */
  sortMemory?: number;
}

/** Options with every value decided, as a session records them. */
export interface TracksPlan {
  readonly mode: TracksMode;
  readonly rules: TrackRules;
  readonly dedupe: 'exact' | 'none';
  /** Metres a second; null: no point is too fast. */
  readonly maxSpeed: number | null;
  /** When somebody stayed; null: stays do not split. */
  readonly dwell: { readonly timeMs: number; readonly radiusM: number } | null;
  /** Metres that paths may be off; null: they are exact. */
  readonly simplifyM: number | null;
  /** The column that tells devices apart; null: all points are of one. */
  readonly device: string | null;
  /** Null: one chunk. */
  readonly chunkMs: number | null;
  readonly formats: readonly OutputFormat[];
  readonly sortMemory: number;
}

const longest = 36_500 * 86_400_000;
const longestStay = 86_400_000;

/**
 * Fills in defaults and checks bounds.
 *
 * @throws InvalidOptionError naming the option.
 */
export function planOptions(options: TracksOptions = {}): TracksPlan {
  const { jump = 500, rule = 'or', minPoints = 2, dedupe = 'exact', sortMemory = 16 * 1024 * 1024 } = options;
  if (jump !== 'off') checkMetres('jump', jump, ", or 'off'");
  const { maxSpeed = 'off', simplify = 'off' } = options;
  if (simplify !== 'off') checkMetres('simplify', simplify, ", or 'off'");
  if (maxSpeed !== 'off' && !(Number.isFinite(maxSpeed) && maxSpeed > 0)) {
    throw new InvalidOptionError('maxSpeed', maxSpeed, "a number of metres a second above 0, or 'off'");
  }
  checkOneOf('rule', rule, ['or', 'and']);
  const { mode = 'bulk' } = options;
  checkOneOf('mode', mode, ['bulk', 'incremental']);
  checkOneOf('dedupe', dedupe, ['exact', 'none']);
  checkWhole('minPoints', minPoints, 1, 1_000_000);
  checkWhole('sortMemory', sortMemory, 65_536, 2 ** 30);
  const formats = options.formats ?? outputFormats;
  for (const format of formats) checkOneOf('formats', format, outputFormats);
  return {
    mode,
    rules: {
      gapMs: length('gap', options.gap ?? '30m'),
      jumpM: jump === 'off' ? null : jump,
      rule,
      splitDay: options.splitDay === undefined ? null : zone('splitDay', options.splitDay),
      minPoints,
    },
    dedupe,
    maxSpeed: maxSpeed === 'off' ? null : maxSpeed,
    dwell: planDwell(options),
    simplifyM: simplify === 'off' ? null : simplify,
    device: options.device === undefined ? null : name('device', options.device),
    chunkMs: options.chunk === 'all' ? null : wholeLength('chunk', options.chunk ?? '1d'),
    formats: [...formats],
    sortMemory,
  };
}

function planDwell({ dwellTime = 'off', dwellRadius = 50 }: TracksOptions): TracksPlan['dwell'] {
  checkMetres('dwellRadius', dwellRadius);
  if (dwellTime === 'off') return null;
  const timeMs = length('dwellTime', dwellTime);
  if (timeMs > longestStay) throw new InvalidOptionError('dwellTime', dwellTime, 'at most 1 day');
  return { timeMs, radiusM: dwellRadius };
}

function checkMetres(name: string, value: number, otherwise = ''): void {
  if (!(Number.isFinite(value) && value > 0)) throw new InvalidOptionError(name, value, `a number of metres above 0${otherwise}`);
}

function name(option: string, value: string): string {
  if (value.trim() === '') throw new InvalidOptionError(option, value, 'the name of a column');
  return value;
}

function zone(name: string, value: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    throw new InvalidOptionError(name, value, 'a zone that this Node knows, such as Europe/Zurich or UTC');
  }
}

function length(name: string, value: Duration): number {
  const ms = durationMs(value, name, 1);
  if (ms > longest) throw new InvalidOptionError(name, value, 'at most 36,500 days');
  return ms;
}

function wholeLength(name: string, value: Duration): number {
  const ms = length(name, value);
  if (!Number.isInteger(ms)) throw new InvalidOptionError(name, value, 'a whole number of milliseconds');
  return ms;
}

function checkWhole(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new InvalidOptionError(name, value, `a whole number from ${min} to ${max}`);
  }
}

function checkOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) {
    throw new InvalidOptionError(name, value, `one of ${allowed.map((word) => `'${word}'`).join(', ')}`);
  }
}
