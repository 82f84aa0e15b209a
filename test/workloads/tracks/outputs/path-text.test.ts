import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { writeTenMillionths, writeThousandths, writeWhole } from '../../../../src/workloads/tracks/outputs/ascii-digits.ts';
import { geojsonCoordinates, geojsonJoin, gpxPoints } from '../../../../src/workloads/tracks/path-text.ts';
import { suite } from '../../../support/suite.ts';
import { crossing, type Path } from './sample-tracks.ts';

const test = suite('path text');

/** Positions near the poles, the antimeridian and zero come often: there the writer has its edges. */
const latitude = fc.oneof(fc.double({ min: -90, max: 90, noNaN: true }), fc.constantFrom(-90, -1e-8, -0, 0, 1e-7, 0.1, 90));
const longitude = fc.oneof(
  fc.double({ min: -180, max: 180, noNaN: true }),
  fc.constantFrom(-180, -179.99999999, -0, 0, 179.99999999, 180),
);
const anyPath = fc.array(fc.tuple(latitude, longitude), { maxLength: 12 });

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function coordinates(path: Path, from = 0, to = path.length): string {
  const lat = Float64Array.from(path, (point) => point[0]);
  const lon = Float64Array.from(path, (point) => point[1]);
  return text(geojsonCoordinates(lat, lon, from, to));
}

function written(write: (bytes: Uint8Array, at: number, value: number) => number, value: number): string {
  const bytes = new Uint8Array(32);
  return text(bytes.subarray(0, write(bytes, 0, value)));
}

/** The reference: digits by BigInt. */
function decimal(value: number, decimals: number): string {
  const digits = BigInt(Math.abs(value))
    .toString()
    .padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  return `${value < 0 ? '-' : ''}${digits.slice(0, -decimals)}${fraction && `.${fraction}`}`;
}

test('writes whole numbers, thousandths and ten-millionths as a reference does', () => {
  const edges = [0, 1, 9, 10, 99, 100, 999, 1_000, 9_999_999, 10_000_000, 1_799_999_999, 1_800_000_000];
  for (const value of edges.flatMap((edge) => [edge, -edge])) {
    assert.is(written(writeTenMillionths, value), decimal(value, 7), `ten-millionths of ${value}`);
    assert.is(written(writeThousandths, value), decimal(value, 3), `thousandths of ${value}`);
  }
  fc.assert(
    fc.property(
      fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }),
      (value) => written(writeTenMillionths, value) === decimal(value, 7),
    ),
  );
  fc.assert(fc.property(fc.maxSafeInteger(), (value) => written(writeThousandths, value) === decimal(value, 3)));
  fc.assert(fc.property(fc.maxSafeInteger(), (value) => written(writeWhole, value) === String(value)));
});

test('writes longitude first, at most seven decimals, no trailing zeros, no minus zero', () => {
  const path: Path = [
    [47.5, 8],
    [-0, -1e-9],
    [-33.123456789, 151.1],
  ];
  assert.is(coordinates(path), '[8,47.5],[0,0],[151.1,-33.1234568]');
  assert.is(coordinates(path, 1, 1), '');
});

test('cuts at the antimeridian in both directions, at the latitude of the crossing', () => {
  assert.is(
    coordinates(crossing),
    '[179.5,-17],[180,-16.75]],[[-180,-16.75],[-179.5,-16.5],[-180,-16.3333333]],[[180,-16.3333333],[179,-16]',
  );
});

test('cuts a step from one side of the antimeridian to the other, and no step of half a turn', () => {
  assert.is(
    coordinates([
      [5, 180],
      [6, -180],
    ]),
    '[180,5],[180,5]],[[-180,5],[-180,6]',
  );
  assert.is(
    coordinates([
      [0, -90],
      [0, 90],
    ]),
    '[-90,0],[90,0]',
  );
});

test('gives the same bytes however a path is divided', () => {
  fc.assert(
    fc.property(anyPath, fc.nat(), (path, at) => {
      const whole = coordinates(path);
      if (path.length < 2) return;
      const cut = 1 + (at % (path.length - 1));
      const [left, right] = [path[cut - 1] as Path[number], path[cut] as Path[number]];
      assert.is(coordinates(path, 0, cut) + geojsonJoin(...left, ...right) + coordinates(path, cut), whole);
    }),
  );
});

test('reads back as the positions that were written, to the seventh decimal', () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      const lines = JSON.parse(`[[${coordinates(path)}]]`) as number[][][];
      const uncut = lines.flatMap((line, i) => line.slice(i === 0 ? 0 : 1, i === lines.length - 1 ? undefined : -1));
      assert.is(uncut.length, path.length);
      for (const [i, [lat, lon]] of path.entries()) {
        assert.ok(Math.abs((uncut[i]?.[0] ?? Number.NaN) - lon) <= 0.500001e-7);
        assert.ok(Math.abs((uncut[i]?.[1] ?? Number.NaN) - lat) <= 0.500001e-7);
      }
    }),
  );
});

test('writes GPX points with height and time, and leaves out what is missing', () => {
  const times = Float64Array.of(0, 1_709_164_800_007, -1, 1e300);
  const zeros = new Float64Array(4);
  const heights = Float64Array.of(12.3456, Number.NaN, -0.05, 1e300);
  assert.is(
    text(gpxPoints(times, zeros, zeros, heights, 0, 4)),
    '<trkpt lat="0" lon="0"><ele>12.346</ele><time>1970-01-01T00:00:00.000Z</time></trkpt>\n' +
      '<trkpt lat="0" lon="0"><time>2024-02-29T00:00:00.007Z</time></trkpt>\n' +
      '<trkpt lat="0" lon="0"><ele>-0.05</ele><time>1969-12-31T23:59:59.999Z</time></trkpt>\n' +
      '<trkpt lat="0" lon="0"></trkpt>\n',
  );
});

test('writes times as Date does, whatever the point before was', () => {
  const time = fc.integer({ min: -8.64e15, max: 8.64e15 });
  fc.assert(
    fc.property(fc.array(time, { minLength: 1 }), (times) => {
      const zeros = new Float64Array(times.length);
      const lines = text(gpxPoints(Float64Array.from(times), zeros, zeros, zeros, 0, times.length))
        .trimEnd()
        .split('\n');
      const found = lines.map((line) => /<time>(.*)<\/time>/.exec(line)?.[1]);
      assert.equal(
        found,
        times.map((ms) => new Date(ms).toISOString()),
      );
    }),
  );
});

test.run();
