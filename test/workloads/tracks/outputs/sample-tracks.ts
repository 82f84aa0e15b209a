import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  BatchSpan,
  FinalTrack,
  OutputSources,
  PathPiece,
  RunSummary,
} from '../../../../src/workloads/tracks/outputs/shapes.ts';
import { previewPath } from '../../../../src/workloads/tracks/outputs/simplify-path.ts';
import { geojsonCoordinates, geojsonJoin, gpxPoints } from '../../../../src/workloads/tracks/path-text.ts';

/** A path as latitude, longitude pairs. */
export type Path = readonly (readonly [lat: number, lon: number])[];

export const straight: Path = [
  [47.1, 8.5],
  [47.2, 8.6],
  [47.3, 8.5],
];

/** Goes over the antimeridian eastward, and back. */
export const crossing: Path = [
  [-17, 179.5],
  [-16.5, -179.5],
  [-16, 179],
];

export function track(id: string, path: Path, startMs = 1_700_000_000_123): FinalTrack {
  const [lats, lons] = [path.map(([lat]) => lat), path.map(([, lon]) => lon)];
  const crosses = lons.some((lon, i) => Math.abs(lon - (lons[i - 1] ?? lon)) > 180);
  return {
    id,
    startMs,
    endMs: startMs + 3_600_000,
    points: path.length,
    distanceUm: 10_000_000_500,
    movingMs: 1_800_000,
    movingUm: 9_000_000_000,
    maxSpeedMps: 12.3456789,
    gainMm: 1_500,
    lossMm: 250,
    minMm: 400_000,
    maxMm: 402_500,
    bbox: [crosses ? -180 : Math.min(...lons), Math.min(...lats), crosses ? 180 : Math.max(...lons), Math.max(...lats)],
  };
}

export const summary: RunSummary = {
  rows: 10,
  valid: 8,
  skipped: { 'no time': 1, 'bad latitude': 1 },
  duplicates: 1,
  outliers: 0,
  dwelling: 0,
  lonely: 1,
  tracks: 2,
  chunks: 3,
  joined: 1,
  elapsedMs: 2_500,
};

export const batches: readonly BatchSpan[] = [
  { number: 0, lane: 'worker 1', label: '2024-01-01', status: 'completed', startedAt: 1_000, endedAt: 1_040 },
  { number: 1, lane: 'worker 2', status: 'failed.dead', startedAt: 1_005, endedAt: 1_100 },
];

/** The pieces of one path, cut before the given places. */
export function pieces(place: number, path: Path, cuts: readonly number[] = []): PathPiece[] {
  const lat = Float64Array.from(path, (point) => point[0]);
  const lon = Float64Array.from(path, (point) => point[1]);
  const time = Float64Array.from(path, (_, i) => 1_700_000_000_000 + i * 1_000);
  const height = Float64Array.from(path, (_, i) => (i % 2 === 0 ? 400.25 : Number.NaN));
  const edges = [0, ...cuts, path.length];
  return edges.slice(1).map((to, i) => {
    const from = edges[i] as number;
    const join =
      from === 0 ? '' : geojsonJoin(lat[from - 1] as number, lon[from - 1] as number, lat[from] as number, lon[from] as number);
    return {
      track: place,
      geojson: Buffer.concat([Buffer.from(join), geojsonCoordinates(lat, lon, from, to)]),
      gpx: gpxPoints(time, lat, lon, height, from, to),
      preview: previewPath(lat, lon, from, to),
    };
  });
}

export function sources(paths: Readonly<Record<string, Path>>, cuts: readonly number[] = []): OutputSources {
  const named = Object.entries(paths);
  return {
    tracks: named.map(([id, path]) => track(id, path)),
    async *paths() {
      for (const [place, [, path]] of named.entries()) {
        yield* pieces(
          place,
          path,
          cuts.filter((cut) => cut < path.length),
        );
      }
    },
    summary,
    batches,
  };
}

/** A folder of the test's own, removed afterwards. */
export async function inFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-outputs-'));
  try {
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
