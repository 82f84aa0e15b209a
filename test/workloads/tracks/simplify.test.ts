import fc from 'fast-check';
import { getDistance, getDistanceFromLine } from 'geolib';
import * as assert from 'uvu/assert';
import { missingData, sharedData } from '../../support/shared-data.ts';
import { suite } from '../../support/suite.ts';
import { tracksWorld } from './tracks-world.ts';

const test = suite('simplified paths of tracks');

type Position = readonly [lon: number, lat: number];

const linesOf = (geojson: string): Position[][] =>
  (JSON.parse(geojson) as { features: { geometry: { coordinates: Position[] } }[] }).features.map(
    ({ geometry }) => geometry.coordinates,
  );

/** Points with their times, track by track. */
const pointsOf = (gpx: string): string[][] =>
  gpx
    .split('<trkseg>')
    .slice(1)
    .map((track) => track.match(/<trkpt.*/g) ?? []);

const placeOf = (point: string): Place => {
  const [, lat, lon] = /lat="([^"]+)" lon="([^"]+)"/.exec(point) ?? [];
  return { lat: Number(lat), lon: Number(lon) };
};

interface Place {
  readonly lat: number;
  readonly lon: number;
}

/** By geolib, metres. It knows no distance from a line without a length, nor from one that begins or ends where one is. */
function fromLine(place: Place, from: Place, to: Place): number {
  const ends = [getDistance(place, from, 0.01), getDistance(place, to, 0.01)];
  const line = getDistanceFromLine(place, from, to, 0.01);
  return Number.isNaN(line) ? Math.min(...ends) : line;
}

/** How far the points that were left out lie from the line that stayed, metres. */
function farthest(whole: readonly string[], simple: readonly string[]): number {
  let most = 0;
  let at = 0;
  for (const point of whole) {
    if (point === simple[at]) at++;
    else most = Math.max(most, fromLine(placeOf(point), placeOf(simple[at - 1] as string), placeOf(simple[at] as string)));
  }
  assert.is(at, simple.length, 'only points of the path are kept, in their order');
  return most;
}

/** The same for each track. */
function checkWithin(tolerance: number, whole: string, simple: string): void {
  const left = pointsOf(simple);
  pointsOf(whole).forEach((points, i) => {
    assert.ok(farthest(points, left[i] as string[]) <= tolerance);
  });
}

test('a straight way keeps its ends, and a corner stays', async () => {
  using world = tracksWorld();
  const rows = Array.from(
    { length: 41 },
    (_, n) => `${n * 10},${47 + Math.min(n, 20) * 1e-4},${8 + Math.max(0, n - 20) * 1e-4},400`,
  );
  const file = world.file('a.csv', `time,lat,lon,ele\n${rows.join('\n')}\n`);
  const plain = await world.run([file]);
  const { outputs } = await world.run([file], { simplify: 5 });
  assert.equal(linesOf(outputs.geojson), [
    [
      [8, 47],
      [8, 47.002],
      [8.002, 47.002],
    ],
  ]);
  assert.equal(outputs.gpx.match(/<time>[^.]+/g), [
    '<time>1970-01-01T00:00:00',
    '<time>1970-01-01T00:03:20',
    '<time>1970-01-01T00:06:40',
  ]);
  assert.is(outputs.json, plain.outputs.json);
});

test('a way over the antimeridian is cut there, and what lies before and behind it stays in its place', async () => {
  using world = tracksWorld();
  const lons = [179.99, 179.98, 179.985, 179.99, 179.995, -179.995, -179.99, -179.985];
  const file = world.file('a.csv', `time,lat,lon\n${lons.map((lon, n) => `${n * 60},0,${lon}`).join('\n')}\n`);
  const { outputs } = await world.run([file], { simplify: 10, jump: 'off' });
  assert.equal(JSON.parse(outputs.geojson).features[0].geometry.coordinates, [
    [
      [179.99, 0],
      [179.98, 0],
      [180, 0],
    ],
    [
      [-180, 0],
      [-179.985, 0],
    ],
  ]);
});

test(
  'any way, cut anyhow, has the same bytes, and nothing left out lies further away than the tolerance',
  async () => {
    const step = fc.record({
      dy: fc.integer({ min: -9, max: 9 }),
      dx: fc.integer({ min: -9, max: 9 }),
      dt: fc.constantFrom(1, 7, 40),
    });
    const chunk = fc.constantFrom('1m' as const, '7m' as const, '1h' as const);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 150 }), chunk, fc.constantFrom(3, 20), async (way, size, simplify) => {
        using world = tracksWorld();
        let [t, y, x] = [0, 0, 0];
        const rows = way.map(({ dy, dx, dt }) => {
          [t, y, x] = [t + dt * 60, y + dy, x + dx];
          return `${t},${y / 1e5 + 46},${x / 1e5 + 7},${y}`;
        });
        const file = world.file('a.csv', `time,lat,lon,ele\n${rows.join('\n')}\n`);
        const plain = await world.run([file]);
        const whole = await world.run([file], { simplify, chunk: 'all' });
        const cut = await world.run([file], { simplify, chunk: size }, 'fold');
        assert.equal(cut.outputs, whole.outputs);
        assert.is(whole.outputs.json, plain.outputs.json);
        checkWithin(simplify + 0.2, plain.outputs.gpx, whole.outputs.gpx);
      }),
      { numRuns: 60 },
    );
  },
  { timeoutMs: 120_000 },
);

test('a way of more points than are looked at together goes on where it was, and is no longer than it must be', async () => {
  using world = tracksWorld();
  const rows = Array.from({ length: 10_000 }, (_, n) => `${n * 10},${(n % 2) * 1e-6},${n * 1e-5},`);
  const file = world.file('a.csv', `time,lat,lon,ele\n${rows.join('\n')}\n`);
  const runs = [];
  for (const chunk of ['1h', '1d', 'all'] as const) runs.push(await world.run([file], { simplify: 5, chunk }));
  for (const { outputs } of runs) assert.equal(outputs, runs[0]?.outputs);
  assert.equal(linesOf(runs[0]?.outputs.geojson ?? ''), [
    [
      [0, 0],
      [0.04095, 1e-6],
      [0.0819, 0],
      [0.09999, 1e-6],
    ],
  ]);
});

const dg100 = 'tracks/points/gpsbabel-dg100.csv';

test.unless(missingData(dg100), 'a real history keeps its tracks, and a tenth of its points within 10 m', async () => {
  using world = tracksWorld();
  const plain = await world.run([sharedData(dg100)]);
  const simple = await world.run([sharedData(dg100)], { simplify: 10 });
  assert.is(simple.outputs.json, plain.outputs.json);
  const [before, after] = [plain, simple].map(({ outputs }) => linesOf(outputs.geojson)) as [Position[][], Position[][]];
  checkWithin(10.5, plain.outputs.gpx, simple.outputs.gpx);
  assert.ok(after.flat().length < before.flat().length / 5);
});

test.run();
