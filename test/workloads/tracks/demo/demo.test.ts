import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { createRandom } from '../../../../src/workloads/tracks/demo/random.ts';
import { type DemoOptions, demoRows, writeDemoTracks } from '../../../../src/workloads/tracks/demo/write-demo-tracks.ts';
import { suite } from '../../../support/suite.ts';

const test = suite('demonstration tracks');

function csv(options: DemoOptions): string {
  return Buffer.concat([...demoRows(options)]).toString();
}

function rowsOf(options: DemoOptions): string[] {
  return csv(options).trimEnd().split('\n').slice(1);
}

interface Row {
  readonly time: number;
  readonly lat: number;
  readonly lon: number;
  readonly ele: string;
}

/** The rows that are points, by a plain reading. */
function pointsOf(rows: readonly string[]): Row[] {
  return rows
    .filter((row) => /^\d+,-?[\d.]+,-?[\d.]+,/.test(row))
    .map((row) => {
      const [time, lat, lon, ele = ''] = row.split(',');
      return { time: Number(time), lat: Number(lat), lon: Number(lon), ele };
    })
    .filter(({ lat, lon }) => Math.abs(lat) <= 90 && Math.abs(lon) <= 180);
}

const daySeconds = 86_400;

/** Metres between two points, well enough for steps of a few hundred. */
function metres(a: Row, b: Row): number {
  const degree = 111_195;
  return Math.hypot((b.lat - a.lat) * degree, (b.lon - a.lon) * degree * Math.cos((a.lat * Math.PI) / 180));
}

/** Stretches of points that no half hour and no half kilometre splits. */
function tracksOf(points: readonly Row[]): Row[][] {
  const tracks: Row[][] = [];
  for (const point of points) {
    const track = tracks.at(-1);
    const before = track?.at(-1);
    if (track && before && point.time - before.time <= 1_800 && metres(before, point) <= 500) track.push(point);
    else tracks.push([point]);
  }
  return tracks;
}

/** How many midnights UTC a track goes over. */
function midnightsOf(track: readonly Row[]): number {
  const [first, last] = [track[0] as Row, track.at(-1) as Row];
  return Math.floor(last.time / daySeconds) - Math.floor(first.time / daySeconds);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

test('gives the same numbers for a seed for ever', () => {
  const random = createRandom(42);
  assert.equal(
    Array.from({ length: 6 }, () => random.below(1_000_000)),
    [353529, 63250, 479946, 341346, 905892, 989362],
  );
});

test('gives the same bytes for the same options for ever', () => {
  assert.is(sha256(csv({})), '49138378e275d171512433921eae6ca1ec153696864e856bb161e965b9ae04f2');
  assert.is(
    sha256(csv({ days: 10, seed: 7, pointsPerDay: 1_000, lateRows: false, start: 0 })),
    '47dadff0970ea8c0d791b78f52d1fac211f1b2e887fb34b9c3888ee42f7e6319',
  );
});

test('gives other bytes for another seed', () => {
  assert.is.not(csv({ days: 2, seed: 1 }), csv({ days: 2, seed: 2 }));
});

test('begins with the header and has four fields a row', () => {
  const text = csv({ days: 5 });
  assert.ok(text.startsWith('timestamp,lat,lon,ele\n'));
  assert.ok(text.endsWith('\n'));
  for (const row of text.trimEnd().split('\n')) assert.is(row.split(',').length, 4, row);
});

test('has some thousand rows a day, and follows the density asked for', () => {
  const usual = rowsOf({ days: 28 }).length / 28;
  assert.ok(usual > 2_000 && usual < 4_500, String(usual));
  const sparse = rowsOf({ days: 28, pointsPerDay: 500 }).length / 28;
  assert.ok(sparse > 300 && sparse < 800, String(sparse));
});

test('stops after exactly the rows asked for, however many days that takes', () => {
  for (const rows of [1, 999, 25_000]) assert.is(rowsOf({ rows }).length, rows);
  assert.is(rowsOf({ rows: 1_000_000, days: 1 }).length, rowsOf({ days: 1 }).length);
  assert.is(rowsOf({ rows: 9_999, lateRows: false }).length, 9_999);
});

test('has late rows, unless they are not wanted', () => {
  const late = (options: DemoOptions): number =>
    pointsOf(rowsOf(options)).filter(({ time }, i, all) => time < (all[i - 1]?.time ?? 0)).length;
  assert.ok(late({ days: 40 }) > 20);
  assert.is(late({ days: 40, lateRows: false }), 0);
});

test('has the flaws of real exports: invalid rows, duplicates, equal seconds, missing heights, gaps', () => {
  const rows = rowsOf({ days: 30, lateRows: false });
  const points = pointsOf(rows);
  const share = (count: number): number => count / rows.length;
  const invalid = share(rows.length - points.length);
  assert.ok(invalid > 0.0003 && invalid < 0.01, `invalid ${invalid}`);
  for (const kind of [/^not-a-time/, /NaN/, /,,,$/, /,95\.2,/, /,203\.75,/])
    assert.ok(
      rows.some((row) => kind.test(row)),
      String(kind),
    );
  const pairs = points.slice(1).map((point, i) => [points[i] as Row, point] as const);
  const same = pairs.filter(([a, b]) => a.time === b.time);
  assert.ok(share(same.filter(([a, b]) => a.lat === b.lat && a.lon === b.lon).length) > 0.001, 'duplicates');
  assert.ok(share(same.filter(([a, b]) => a.lat !== b.lat || a.lon !== b.lon).length) > 0.001, 'equal seconds');
  assert.ok(share(points.filter(({ ele }) => ele === '').length) > 0.01, 'missing heights');
  assert.ok(pairs.filter(([a, b]) => b.time - a.time > 1_800).length > 30, 'gaps');
});

test('goes over the antimeridian once a month at most', () => {
  const points = pointsOf(rowsOf({ days: 30, lateRows: false }));
  const steps = points.slice(1).filter(({ lon }, i) => Math.abs(lon - (points[i] as Row).lon) > 180);
  assert.is(steps.length, 2);
});

test('goes on over midnight dozens of times in a year, and about every two months over three days or more', () => {
  const tracks = tracksOf(pointsOf(rowsOf({ days: 365, pointsPerDay: 1_000, lateRows: false })));
  const overMidnight = tracks.filter((track) => midnightsOf(track) > 0);
  assert.ok(overMidnight.length >= 36 && overMidnight.length < 150, String(overMidnight.length));
  const overDays = overMidnight.filter((track) => midnightsOf(track) >= 2);
  assert.ok(overDays.length >= 5 && overDays.length <= 7, String(overDays.length));
  for (const track of overDays) assert.ok((track.at(-1) as Row).time - (track[0] as Row).time > 2 * daySeconds);
});

test('moves no faster than a train, wherever nothing splits the way', () => {
  const points = pointsOf(rowsOf({ days: 60, lateRows: false }));
  const speeds = tracksOf(points).flatMap((track) =>
    track.slice(1).map((point, i) => {
      const before = track[i] as Row;
      return point.time - before.time < 2 ? 0 : metres(before, point) / (point.time - before.time);
    }),
  );
  const fastest = speeds.reduce((most, speed) => Math.max(most, speed), 0);
  assert.ok(fastest > 15 && fastest < 30, `${fastest} m/s`);
});

test('writes the same bytes into a file, and counts them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-demo-'));
  try {
    const out = join(folder, 'phone.csv');
    const written = await writeDemoTracks({ days: 3, out });
    const text = await readFile(out, 'utf8');
    assert.is(text, csv({ days: 3 }));
    assert.equal(written, { rows: rowsOf({ days: 3 }).length, bytes: text.length });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('refuses options out of their bounds, and a folder that is not there', async () => {
  for (const options of [{ days: 0 }, { seed: -1 }, { seed: 1.5 }, { pointsPerDay: 99 }, { rows: 0 }, { start: -1 }]) {
    assert.throws(
      () => csv(options),
      (error: { code?: string }) => error.code === 'INVALID_OPTION',
    );
  }
  const error = await writeDemoTracks({ days: 1, out: join(tmpdir(), 'millrace-no-such-folder', 'x.csv') }).catch(
    (reason: unknown) => reason,
  );
  assert.is((error as { code?: string }).code, 'ENOENT');
});

test.run();
