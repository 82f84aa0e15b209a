import fc from 'fast-check';
import { getDistance } from 'geolib';
import * as assert from 'uvu/assert';
import { MillraceError } from '../../../src/model/errors.ts';
import { haversine } from '../../../src/workloads/tracks/haversine.ts';
import type { FinalTrack } from '../../../src/workloads/tracks/outputs/shapes.ts';
import { validateTracks } from '../../../src/workloads/tracks/validate-tracks.ts';
import { suite } from '../../support/suite.ts';
import { tracksWorld } from './tracks-world.ts';

const test = suite('facts of tracks');

async function trackOf(rows: readonly string[]): Promise<FinalTrack> {
  using world = tracksWorld();
  const { tracks } = await world.run([world.file('a.csv', `ts,lat,lon,ele\n${rows.join('\n')}\n`)], {
    jump: 'off',
    chunk: '20s',
  });
  assert.is(tracks.length, 1);
  return tracks[0] as FinalTrack;
}

test('a step is as long as geolib says, within its rounding to a metre', () => {
  const lat = fc.double({ min: -89, max: 89, noNaN: true });
  const lon = fc.double({ min: -180, max: 180, noNaN: true });
  const near = fc.double({ min: -0.5, max: 0.5, noNaN: true });
  fc.assert(
    fc.property(lat, lon, near, near, (y, x, dy, dx) => {
      const [a, b] = [
        { lat: y, lon: x },
        { lat: y + dy, lon: Math.max(-180, Math.min(180, x + dx)) },
      ];
      const ours = haversine(a.lat, a.lon, b.lat, b.lon);
      // geolib's arc cosine is off by up to some decimetres near zero, besides rounding to whole metres.
      assert.ok(Math.abs(ours - getDistance(a, b)) <= 0.75, `${ours} m, by geolib ${getDistance(a, b)} m`);
    }),
    { numRuns: 2_000 },
  );
});

test('a step over the antimeridian is short, one to the antipode half the equator', () => {
  assert.ok(Math.abs(haversine(0, 179.999, 0, -179.999) - 222.64) < 0.01);
  assert.is(Math.round(haversine(0, 0, 0, 180)), Math.round(Math.PI * 6_378_137));
  assert.is(haversine(12, 34, 12, 34), 0);
});

test('speed counts steps that take time, moving time those faster than half a metre a second', async () => {
  const track = await trackOf(['0,0,0,', '10,0,0.001,', '10,0,0.002,', '110,0,0.0021,', '130,0,0.0041,']);
  const step = haversine(0, 0, 0, 0.001);
  assert.ok(Math.abs(track.maxSpeedMps - step / 10) < 1e-6);
  assert.is(track.movingMs, 30_000);
  assert.ok(Math.abs(track.movingUm / 1e6 - 3 * step) < 1e-3);
  assert.ok(Math.abs(track.distanceUm / 1e6 - 4.1 * step) < 1e-3);
});

test('heights are summed over rows without one, also where chunks meet', async () => {
  const track = await trackOf(['0,0,0,', '10,0,0,10', '20,0,0,', '30,0,0,', '40,0,0,12.5', '50,0,0,12', '60,0,0,']);
  assert.equal([track.gainMm, track.lossMm, track.minMm, track.maxMm], [2_500, 500, 10_000, 12_500]);
  const flat = await trackOf(['0,0,0,', '10,0,0,']);
  assert.equal([flat.gainMm, flat.lossMm, flat.minMm, flat.maxMm], [0, 0, null, null]);
});

test('bounds that span the antimeridian have a west greater than their east', async () => {
  assert.equal((await trackOf(['0,1,179,', '15,2,-179,', '30,3,-178,'])).bbox, [179, 1, -178, 3]);
  assert.equal((await trackOf(['0,1,-179,', '15,2,179,', '30,3,-178,'])).bbox, [179, 1, -178, 3]);
  assert.equal((await trackOf(['0,-1,10,', '15,2,-20,'])).bbox, [-20, -1, 10, 2]);
  assert.equal((await trackOf(['0,0,0,', '15,0,100,', '30,0,-160,', '45,0,-60,', '60,0,10,'])).bbox, [-180, 0, 180, 0]);
  assert.equal((await trackOf(['0,0,170,', '15,0,180,'])).bbox, [170, 0, 180, 0]);
});

test('ids are the start and the place among the tracks with that start', async () => {
  using world = tracksWorld();
  const rows = ['5,0,0,', '5,10,0,', '5,20,0,', '6,20,0,'];
  const { tracks } = await world.run([world.file('a.csv', `ts,lat,lon,ele\n${rows.join('\n')}\n`)], { minPoints: 1 });
  assert.equal(
    tracks.map(({ id }) => id),
    ['t5000-0', 't5000-1', 't5000-2'],
  );
});

const sound: FinalTrack = {
  id: 't0-0',
  startMs: 0,
  endMs: 10,
  points: 2,
  distanceUm: 0,
  movingMs: 0,
  movingUm: 0,
  maxSpeedMps: 0,
  gainMm: 0,
  lossMm: 0,
  minMm: null,
  maxMm: null,
  bbox: [0, 0, 0, 0],
};

test('tracks that are sound pass', () => {
  validateTracks([sound, { ...sound, startMs: 10, endMs: 11 }], 5, 1);
  validateTracks([], 3, 3);
});

const broken: Readonly<Record<string, () => void>> = {
  'that end before they begin': () => validateTracks([{ ...sound, endMs: -1 }], 2, 0),
  'that overlap': () => validateTracks([sound, { ...sound, startMs: 9, endMs: 20 }], 4, 0),
  'that are not on Earth': () => validateTracks([{ ...sound, bbox: [0, 0, 181, 0] }], 2, 0),
  'that lost a point': () => validateTracks([sound], 3, 0),
  'that hold a point twice': () => validateTracks([sound], 1, 0),
};
for (const [which, check] of Object.entries(broken)) {
  test(`tracks ${which} are refused`, () => {
    assert.throws(check, (error: unknown) => error instanceof MillraceError && error.code === 'FINALIZE_FAILED');
  });
}

test.run();
