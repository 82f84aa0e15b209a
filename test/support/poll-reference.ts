import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** What `tasks.tsv` must say of a task. */
export interface ReferenceTask {
  readonly status: 'completed' | 'dlq';
  readonly error: string;
  readonly flight: ReferenceFlight | undefined;
}

export interface ReferenceFlight {
  readonly fixes: number;
  readonly badFixes: number;
  readonly durationS: number;
  readonly distanceM: number;
  readonly maxGnssAltM: number;
  readonly box: readonly [minLat: number, maxLat: number, minLon: number, maxLon: number];
}

export interface ReferenceRun {
  readonly listed: number;
  readonly invalid: number;
  readonly executions: number;
  readonly duplicates: number;
  readonly longestChain: number;
  readonly tasks: ReadonlyMap<string, ReferenceTask>;
}

interface Listed {
  readonly partnerCode?: string;
  readonly aircraftId?: string;
  readonly logId?: string;
  readonly file: string;
}

/**
 * The rules of polling once more, with a worker that finishes at once, as plainly as they can be written; no code is shared with the sources.
 *
 * @param ended - Which ended executions hold their task.
 */
export function referenceRun(folder: string, ended: readonly string[], windowS: number): ReferenceRun {
  const tasks = new Map<string, ReferenceTask>();
  const enqueued = new Map<string, number[]>();
  const counts = { listed: 0, invalid: 0, executions: 0, duplicates: 0 };
  for (const line of readFileSync(join(folder, 'polls.jsonl'), 'utf8').trim().split('\n')) {
    const { t, logs } = JSON.parse(line) as { t: number; logs: readonly Listed[] };
    const now = new Map<string, Listed>();
    for (const log of logs) {
      counts.listed++;
      const parts = [log.partnerCode, log.aircraftId, log.logId];
      const leaves = isAbsolute(log.file) || !join(folder, log.file).startsWith(`${folder.replace(/\/$/, '')}/`);
      if (parts.some((part) => part === undefined || part.trim() === '') || leaves) {
        counts.invalid++;
        continue;
      }
      const id = ['partner_tasks', ...parts].join(':');
      const last = enqueued.get(id)?.at(-1);
      const isHeld = last !== undefined && t - last < windowS && ended.includes(tasks.get(id)?.status ?? '');
      if (now.has(id) || isHeld) {
        counts.duplicates++;
        continue;
      }
      counts.executions++;
      now.set(id, log);
    }
    for (const [id, { file }] of now) {
      enqueued.set(id, [...(enqueued.get(id) ?? []), t]);
      tasks.set(id, referenceTask(join(folder, file)));
    }
  }
  const longestChain = Math.max(...[...enqueued.values()].map(({ length }) => length));
  return { ...counts, longestChain, tasks };
}

function referenceTask(file: string): ReferenceTask {
  if (!existsSync(file)) return { status: 'dlq', error: 'file_missing', flight: undefined };
  const flight = referenceFlight(readFileSync(file, 'latin1'));
  return flight ? { status: 'completed', error: '', flight } : { status: 'dlq', error: 'parse_error', flight: undefined };
}

/** Fixes cut out by their columns; distances along unit vectors, by the arc tangent; nothing of the sources' formula. */
export function referenceFlight(text: string): ReferenceFlight | undefined {
  const records = text.split(/\r?\n/).filter((line) => line[0] === 'B');
  const fixes: { second: number; lat: number; lon: number; altitude: number }[] = [];
  for (const line of records) {
    const field = (from: number, to: number): number =>
      /^-?\d+$/.test(line.slice(from, to)) ? Number(line.slice(from, to)) : Number.NaN;
    const lat = (field(7, 9) + field(9, 14) / 60_000) * (line[14] === 'S' ? -1 : 1);
    const lon = (field(15, 18) + field(18, 23) / 60_000) * (line[23] === 'W' ? -1 : 1);
    const second = field(1, 3) * 3600 + field(3, 5) * 60 + field(5, 7);
    const altitude = field(30, 35);
    const isWhole = [lat, lon, second, altitude, field(25, 30)].every(Number.isFinite) && line.length >= 35;
    const isNowhere = line[24] === 'V' && lat === 0 && lon === 0;
    const isTime = field(1, 3) <= 23 && field(3, 5) <= 59 && field(5, 7) <= 59;
    const isPlace = field(9, 14) < 60_000 && field(18, 23) < 60_000 && Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
    const isLettered = 'NS'.includes(line[14] ?? '?') && 'EW'.includes(line[23] ?? '?') && 'AV'.includes(line[24] ?? '?');
    if (isWhole && isTime && isPlace && isLettered && !isNowhere) fixes.push({ second, lat, lon, altitude });
  }
  const [first] = fixes;
  const last = fixes.at(-1);
  if (!first || !last || fixes.length < 2) return undefined;
  let distanceM = 0;
  let nights = 0;
  for (let at = 1; at < fixes.length; at++) {
    const [one, other] = [fixes[at - 1] as typeof first, fixes[at] as typeof first];
    distanceM += 6_371_008.8 * angle(vector(one), vector(other));
    if (one.second - other.second > 43_200) nights++;
  }
  const [lats, lons] = [fixes.map(({ lat }) => lat), fixes.map(({ lon }) => lon)];
  return {
    fixes: fixes.length,
    badFixes: records.length - fixes.length,
    durationS: last.second - first.second + nights * 86_400,
    distanceM,
    maxGnssAltM: Math.max(...fixes.map(({ altitude }) => altitude)),
    box: [Math.min(...lats), Math.max(...lats), Math.min(...lons), Math.max(...lons)],
  };
}

type Vector = readonly [number, number, number];

function vector({ lat, lon }: { readonly lat: number; readonly lon: number }): Vector {
  const [north, east] = [(lat * Math.PI) / 180, (lon * Math.PI) / 180];
  return [Math.cos(north) * Math.cos(east), Math.cos(north) * Math.sin(east), Math.sin(north)];
}

function angle([a, b, c]: Vector, [x, y, z]: Vector): number {
  const cross = Math.hypot(b * z - c * y, c * x - a * z, a * y - b * x);
  return Math.atan2(cross, a * x + b * y + c * z);
}
