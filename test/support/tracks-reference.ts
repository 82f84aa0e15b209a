/**
 * The rules for tracks in their plainest form: one object a point, one array, one sort, one loop. Shares no code with the workload:
 * what both say is probably what the rules say.
 */

export interface ReferencePoint {
  readonly ms: number;
  readonly lat: number;
  readonly lon: number;
  readonly ele: number | null;
}

export interface ReferenceRules {
  readonly gapMs: number;
  readonly jumpM: number;
  readonly rule: 'or' | 'and';
  readonly minPoints: number;
  readonly dedupe: boolean;
  /** A zone; absent: days do not split. */
  readonly splitDay?: string;
}

export interface ReferenceTrack {
  readonly startMs: number;
  readonly endMs: number;
  readonly points: readonly ReferencePoint[];
  readonly metres: number;
  readonly gainM: number;
  readonly lossM: number;
  readonly minM: number | null;
  readonly maxM: number | null;
  readonly maxSpeed: number;
}

export interface Reference {
  readonly tracks: readonly ReferenceTrack[];
  readonly rows: number;
  readonly valid: number;
  readonly duplicates: number;
  readonly lonely: number;
}

/** Reads `timestamp,lat,lon,ele` with a header and epoch seconds. */
export function referencePoints(text: string): { rows: number; points: ReferencePoint[] } {
  const lines = text
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() !== '');
  const points: ReferencePoint[] = [];
  for (const line of lines) {
    const fields = line.trim().split(',');
    const [time, lat, lon, ele] = [0, 1, 2, 3].map((place) => numberIn(fields[place])) as [number, number, number, number];
    if (![time, lat, lon].every(Number.isFinite) || Math.abs(lat) > 90 || Math.abs(lon) > 180) continue;
    points.push({ ms: Math.round(time * 1000), lat, lon, ele: Number.isFinite(ele) ? ele : null });
  }
  return { rows: lines.length, points };
}

function numberIn(field = ''): number {
  return field.trim() === '' ? Number.NaN : Number(field);
}

export function referenceTracks(input: readonly ReferencePoint[], rules: ReferenceRules): Omit<Reference, 'rows'> {
  const ordered = input.map((point, place) => ({ point, place })).sort((a, b) => a.point.ms - b.point.ms || a.place - b.place);
  const { format } = new Intl.DateTimeFormat('sv', { timeZone: rules.splitDay ?? 'UTC' });
  const seen = new Set<string>();
  const kept: ReferencePoint[] = [];
  for (const { point } of ordered) {
    const name = [point.ms, point.lat + 0, point.lon + 0].join(' ');
    if (rules.dedupe && seen.has(name)) continue;
    seen.add(name);
    kept.push(point);
  }
  const groups: ReferencePoint[][] = [];
  kept.forEach((point, i) => {
    const before = kept[i - 1];
    const isLate = before !== undefined && point.ms - before.ms > rules.gapMs;
    const isFar = before !== undefined && greatCircle(before, point) > rules.jumpM;
    const isSplit = rules.jumpM === Infinity ? isLate : rules.rule === 'or' ? isLate || isFar : isLate && isFar;
    const isNewDay = rules.splitDay !== undefined && before !== undefined && format(before.ms) !== format(point.ms);
    if (before === undefined || isSplit || isNewDay) groups.push([]);
    groups.at(-1)?.push(point);
  });
  const long = groups.filter((group) => group.length >= rules.minPoints);
  return {
    tracks: long.map(describeTrack),
    valid: input.length,
    duplicates: input.length - kept.length,
    lonely: groups.filter((group) => group.length < rules.minPoints).reduce((sum, group) => sum + group.length, 0),
  };
}

function describeTrack(points: readonly ReferencePoint[]): ReferenceTrack {
  const steps = pairs(points).map(([a, b]) => ({ metres: greatCircle(a, b), seconds: (b.ms - a.ms) / 1000 }));
  const heights = points.flatMap(({ ele }) => (ele === null ? [] : [ele]));
  const climbs = pairs(heights).map(([a, b]) => b - a);
  return {
    startMs: points[0]?.ms ?? Number.NaN,
    endMs: points.at(-1)?.ms ?? Number.NaN,
    points,
    metres: steps.reduce((sum, { metres }) => sum + metres, 0),
    gainM: climbs.filter((climb) => climb > 0).reduce((a, b) => a + b, 0),
    lossM: climbs.filter((climb) => climb < 0).reduce((a, b) => a - b, 0),
    minM: heights.length > 0 ? heights.reduce((a, b) => Math.min(a, b)) : null,
    maxM: heights.length > 0 ? heights.reduce((a, b) => Math.max(a, b)) : null,
    maxSpeed: steps.reduce((max, { metres, seconds }) => (seconds > 0 ? Math.max(max, metres / seconds) : max), 0),
  };
}

function pairs<T>(values: readonly T[]): [T, T][] {
  return values.slice(1).map((value, i) => [values[i] as T, value]);
}

/** Distance on the sphere by the angle between two vectors: another formula than haversine, as exact on short steps. */
export function greatCircle(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const p = toVector(a);
  const q = toVector(b);
  const cross = [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
  const dot = p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
  return 6_378_137 * Math.atan2(Math.hypot(...cross), dot);
}

function toVector({ lat, lon }: { lat: number; lon: number }): [number, number, number] {
  const phi = (lat / 180) * Math.PI;
  const lambda = (lon / 180) * Math.PI;
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
}
