import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { suite } from '../../../support/suite.ts';
import { type TracksWorld, tracksWorld } from '../tracks-world.ts';

// No sample of this format may be passed on, so files are made here after OziExplorer's description of it: six lines of head, then a line a point
// with latitude, longitude, a mark for a break, feet (-777: none), days since 1899-12-30, and perhaps date and time as text.
const test = suite('PLT files');

interface Point {
  readonly ms: number;
  readonly lat: number;
  readonly lon: number;
  /** Metres. */
  readonly ele: number | null;
}

const head = (count: number): string[] => [
  'OziExplorer Track Point File Version 2.1',
  'WGS 84',
  'Altitude is in Feet',
  'Reserved 3',
  '0,2,255,A walk,0,0,2,8421376',
  String(count),
];

const days = (ms: number, decimals: number): string => (ms / 86_400_000 + 25_569).toFixed(decimals);
const feet = (ele: number | null): string => (ele === null ? '-777' : (ele / 0.3048).toFixed(3));

const lineOf = ({ ms, lat, lon, ele }: Point, n: number, decimals = 7): string =>
  `${lat.toFixed(6).padStart(11)},${lon.toFixed(6).padStart(11)},${n === 0 ? 1 : 0},${feet(ele).padStart(8)},${days(ms, decimals)}, 01-May-24,10:00:00`;

const pltOf = (points: readonly Point[], decimals = 7): string =>
  `${[...head(points.length), ...points.map((point, n) => lineOf(point, n, decimals))].join('\r\n')}\r\n`;

const csvOf = (points: readonly Point[]): string =>
  `time,lat,lon,ele\n${points.map(({ ms, lat, lon, ele }) => `${ms / 1000},${lat},${lon},${ele ?? ''}`).join('\n')}\n`;

const start = Date.UTC(2024, 4, 1, 10);
const walk: readonly Point[] = Array.from({ length: 50 }, (_, n) => ({
  ms: start + n * 7_000,
  lat: (47_000_000 + n * 100) / 1e6,
  lon: (8_500_000 - n * 90) / 1e6,
  ele: n % 5 === 4 ? null : 400 + n,
}));

async function outputsOf(world: TracksWorld, name: string, content: string | Uint8Array) {
  const { outputs, summary } = await world.run([world.file(name, content)]);
  return { outputs, summary };
}

test('give the tracks of the same points in CSV, with whole seconds and heights in metres', async () => {
  using world = tracksWorld();
  const plain = await outputsOf(world, 'walk.csv', csvOf(walk));
  for (const decimals of [5, 6, 7, 10]) {
    const { outputs, summary } = await outputsOf(world, 'walk.plt', pltOf(walk, decimals));
    assert.equal([summary.rows, summary.valid], [50, 50]);
    assert.equal(outputs, plain.outputs, `${decimals} decimals`);
  }
});

test('of any points give their times as exactly as seven decimals of a day do, before 1970 too', async () => {
  const point = fc.record({
    ms: fc.integer({ min: Date.UTC(1950, 0), max: Date.UTC(2100, 0) }),
    lat: fc.integer({ min: -90_000_000, max: 90_000_000 }).map((n) => n / 1e6),
    // 180 is written as -180 in bounds.
    lon: fc.integer({ min: -180_000_000, max: 179_999_999 }).map((n) => n / 1e6),
    ele: fc.oneof(fc.constant(null), fc.integer({ min: -400, max: 8_848 })),
  });
  await fc.assert(
    fc.asyncProperty(point, async (one) => {
      using world = tracksWorld();
      const { tracks } = await world.run([world.file('one.plt', pltOf([one]))], { minPoints: 1 });
      const [track] = tracks;
      assert.ok(track && Math.abs(track.startMs - one.ms) <= 14, `${track?.startMs} is not ${one.ms}`);
      assert.equal(
        [track.bbox[0], track.bbox[1], track.minMm],
        [one.lon + 0, one.lat + 0, one.ele === null ? null : one.ele * 1_000],
      );
    }),
    { numRuns: 60 },
  );
});

test("of GeoLife's kind are read as well", async () => {
  using world = tracksWorld();
  const text = pltOf(walk, 10).replace('OziExplorer Track Point File Version 2.1', 'Geolife trajectory');
  const plain = await outputsOf(world, 'walk.csv', csvOf(walk));
  assert.equal((await outputsOf(world, 'walk.plt', text)).outputs, plain.outputs);
});

test('with broken lines keep the others, and each is counted by its reason', async () => {
  using world = tracksWorld();
  const broken = [
    '47.1,8.5,0,1000',
    ' , 8.5,0,1000,45413.5,,',
    '47.1,8.5,0,1000,,,',
    '47.1,8.5,0,1000,0.0000000, ,',
    '47.1,8.5,0,1000,soon,,',
    '47.1,8.5,0,1000,1e99,,',
    'north,8.5,0,1000,45413.5,,',
    '47.1,east,0,1000,45413.5,,',
    '91.0,8.5,0,1000,45413.5,,',
    `47.1,8.5,0,1000,45413.5,${'x'.repeat(70_000)}`,
    '',
    '   ',
  ];
  const lines = walk.flatMap((point, n) => [...broken.slice(n, n + 1), lineOf(point, n)]);
  const { outputs, summary } = await outputsOf(world, 'broken.plt', [...head(walk.length), ...lines].join('\n'));
  assert.equal([summary.rows, summary.valid], [60, 50]);
  assert.equal(summary.skipped, {
    too_long: 1,
    too_few_columns: 1,
    missing: 3,
    bad_time: 2,
    bad_lat: 1,
    bad_lon: 1,
    out_of_range: 1,
  });
  assert.equal(outputs, (await outputsOf(world, 'walk.csv', csvOf(walk))).outputs);
});

test('without a point have no tracks; a height that is none leaves the point without one', async () => {
  using world = tracksWorld();
  assert.equal((await outputsOf(world, 'empty.plt', pltOf([]))).summary.rows, 0);
  const high = `${head(1).join('\n')}\n47.1,8.5,0,high,45413.5`;
  const { tracks } = await world.run([world.file('high.plt', high)], { minPoints: 1 });
  assert.equal([tracks[0]?.points, tracks[0]?.maxMm], [1, null]);
});

test('of another datum than WGS 84 are refused: their positions are elsewhere', async () => {
  using world = tracksWorld();
  const error = await outputsOf(world, 'tokyo.plt', pltOf(walk).replace('WGS 84', 'Tokyo')).then(
    () => undefined,
    (thrown: unknown) => thrown as { code?: string; message: string },
  );
  assert.is(error?.code, 'NO_READABLE_INPUT');
  assert.match(error?.message ?? '', 'tokyo.plt');
  assert.match(error?.message ?? '', 'datum Tokyo');
});

test.run();
