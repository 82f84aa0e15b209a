import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { OutputSources } from '../../../../src/workloads/tracks/outputs/shapes.ts';
import { writeOutputs } from '../../../../src/workloads/tracks/outputs/write-outputs.ts';
import { suite } from '../../../support/suite.ts';
import { crossing, inFolder, pieces, sources, straight, summary, track } from './sample-tracks.ts';

const test = suite('write outputs');

const names = ['report.html', 'summary.json', 'tracks.geojson', 'tracks.gpx', 'tracks.json'];

async function contents(folder: string): Promise<Record<string, string>> {
  const found = (await readdir(folder)).sort();
  return Object.fromEntries(await Promise.all(found.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])));
}

async function thrown(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  return promise.then(
    () => assert.unreachable('it should have failed') as never,
    (error: Error) => error,
  );
}

test('writes all files into a new folder and names them', () =>
  inFolder(async (parent) => {
    const folder = join(parent, 'a', 'b');
    const paths = await writeOutputs(folder, sources({ a: straight, b: crossing }));
    assert.equal(
      paths,
      ['tracks.json', 'tracks.geojson', 'tracks.gpx', 'report.html', 'summary.json'].map((name) => join(folder, name)),
    );
    assert.equal(Object.keys(await contents(folder)), names);
  }));

test('writes only the chosen formats, and asks for no paths when none needs them', () =>
  inFolder(async (folder) => {
    const withoutPaths: OutputSources = { ...sources({ a: straight }), paths: () => assert.unreachable() as never };
    await writeOutputs(folder, withoutPaths, ['summary', 'json']);
    assert.equal(Object.keys(await contents(folder)), ['summary.json', 'tracks.json']);
  }));

test('writes one record a line, in whole thousandths', () =>
  inFolder(async (folder) => {
    const noHeights = {
      ...track('t2', straight),
      minMm: null,
      maxMm: null,
      endMs: 1_700_000_000_123,
      movingMs: 0,
      distanceUm: 1_499,
    };
    await writeOutputs(folder, { ...sources({}), tracks: [track('t1', straight), noHeights] }, ['json']);
    const lines = (await readFile(join(folder, 'tracks.json'), 'utf8')).split('\n');
    assert.is(
      lines[1],
      '{"id":"t1","start_ts":1700000000.123,"end_ts":1700003600.123,"points":3,"distance_m":10000.001,"duration_s":3600,' +
        '"avg_speed_kmh":10,"max_speed_kmh":44.444,"moving_speed_kmh":18,"elevation_gain_m":1.5,"elevation_loss_m":0.25,' +
        '"elevation_min_m":400,"elevation_max_m":402.5,"bbox":[8.5,47.1,8.6,47.3]},',
    );
    assert.match(lines[2] ?? '', '"distance_m":0.001,"duration_s":0,"avg_speed_kmh":0,');
    assert.match(lines[2] ?? '', '"moving_speed_kmh":0,');
    assert.match(lines[2] ?? '', '"elevation_min_m":null,"elevation_max_m":null');
    assert.equal([lines[0], lines[3], lines[4]], ['[', ']', '']);
  }));

test('writes the summary in seconds, reasons by name', () =>
  inFolder(async (folder) => {
    await writeOutputs(folder, sources({}), ['summary']);
    const record = JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8')) as Record<string, unknown>;
    assert.equal(record, {
      rows: 10,
      valid: 8,
      skipped: { 'bad latitude': 1, 'no time': 1 },
      duplicates: 1,
      outliers: 0,
      dwelling: 0,
      lonely: 1,
      tracks: 2,
      chunks: 3,
      joined: 1,
      seconds: 2.5,
      points_per_second: 3,
    });
    await writeOutputs(folder, { ...sources({}), summary: { ...summary, elapsedMs: 0 } }, ['summary']);
    assert.match(await readFile(join(folder, 'summary.json'), 'utf8'), '"points_per_second": null');
  }));

test('gives the same bytes however paths are divided', () =>
  inFolder(async (folder) => {
    const paths = { a: straight, b: crossing, c: [...crossing, ...straight] };
    const chosen = ['geojson', 'gpx'] as const;
    await writeOutputs(folder, sources(paths), chosen);
    const whole = await contents(folder);
    await writeOutputs(folder, sources(paths, [1, 2, 4]), chosen);
    assert.equal(await contents(folder), whole);
  }));

test('streams paths larger than its buffer, cut far behind their begin', () =>
  inFolder(async (folder) => {
    const long = [...Array.from({ length: 60_000 }, (_, i) => [10, 100 + i / 1_000] as const), ...crossing];
    await writeOutputs(folder, sources({ a: long, b: straight }, [20_000, 40_000]), ['geojson']);
    const { features } = JSON.parse(await readFile(join(folder, 'tracks.geojson'), 'utf8')) as {
      features: { geometry: { type: string; coordinates: unknown[][] } }[];
    };
    assert.is(features[0]?.geometry.type, 'MultiLineString');
    assert.is(features[0]?.geometry.coordinates[0]?.length, 60_002);
    assert.is(features[1]?.geometry.type, 'LineString');
  }));

test('leaves old outputs as they were when the paths fail half-way', () =>
  inFolder(async (folder) => {
    await writeOutputs(folder, sources({ old: straight }));
    const old = await contents(folder);
    const failing: OutputSources = {
      ...sources({ a: crossing, b: straight }),
      async *paths() {
        yield* pieces(0, crossing);
        throw new Error('the store is gone');
      },
    };
    const error = await thrown(writeOutputs(folder, failing));
    assert.is(error.message, 'the store is gone');
    assert.equal(await contents(folder), old);
  }));

test('leaves nothing behind when a file can not take its place', () =>
  inFolder(async (folder) => {
    await mkdir(join(folder, 'summary.json', 'in the way'), { recursive: true });
    const error = await thrown(writeOutputs(folder, sources({ a: straight }), ['summary']));
    assert.ok(['EISDIR', 'ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code ?? ''), error.message);
    assert.equal(await readdir(folder), ['summary.json']);
  }));

test('refuses paths that do not go with the tracks, and keeps the old files', () =>
  inFolder(async (folder) => {
    await writeFile(join(folder, 'tracks.geojson'), 'old');
    const wrong: Record<string, readonly number[]> = {
      missing: [0],
      none: [],
      'out of order': [1, 0],
      'one too many': [0, 1, 2],
      gap: [0, 2],
    };
    for (const [what, places] of Object.entries(wrong)) {
      const given: OutputSources = {
        ...sources({ a: straight, b: straight }),
        async *paths() {
          for (const place of places) yield* pieces(place, straight);
        },
      };
      const error = await thrown(writeOutputs(folder, given, ['geojson']));
      assert.is(error.code, 'FINALIZE_FAILED', what);
    }
    assert.equal(await contents(folder), { 'tracks.geojson': 'old' });
  }));

test('refuses GPX output of paths without GPX text', () =>
  inFolder(async (folder) => {
    const given: OutputSources = {
      ...sources({ a: straight }),
      async *paths() {
        for (const { gpx: _, ...piece } of pieces(0, straight)) yield piece;
      },
    };
    assert.is((await thrown(writeOutputs(folder, given, ['gpx']))).code, 'FINALIZE_FAILED');
  }));

test('gives files the mode that the umask leaves', () =>
  inFolder(async (folder) => {
    const [path = ''] = await writeOutputs(folder, sources({}), ['json']);
    const plain = join(folder, 'plain');
    await writeFile(plain, '');
    assert.is((await stat(path)).mode, (await stat(plain)).mode);
  }));

test.run();
