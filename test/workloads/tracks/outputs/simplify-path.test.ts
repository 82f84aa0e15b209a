import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { createPreviewCollector } from '../../../../src/workloads/tracks/outputs/report/collect-previews.ts';
import { previewPath, simplifyPath } from '../../../../src/workloads/tracks/outputs/simplify-path.ts';
import { suite } from '../../../support/suite.ts';

const test = suite('simplify path');

const degree = 111_319.49;

/** A zigzag along the equator: a step of 10 m east, and every second point `height` metres north. */
function zigzag(count: number, height: number): Float64Array {
  return Float64Array.from(
    { length: count * 2 },
    (_, i) => (i % 2 === 0 ? (i / 2) * 10 : ((i - 1) / 2) % 2 === 0 ? 0 : height) / degree,
  );
}

test('leaves out what lies within the tolerance, and keeps what does not', () => {
  assert.equal(simplifyPath(zigzag(101, 3), 4), Float64Array.of(0, 0, 1_000 / degree, 0));
  assert.is(simplifyPath(zigzag(101, 9), 4).length / 2, 101);
});

test('returns short paths as they are, in memory of their own', () => {
  for (const path of [Float64Array.of(), Float64Array.of(1, 2), Float64Array.of(1, 2, 3, 4)]) {
    const simple = simplifyPath(path, 1e9);
    assert.equal(simple, path);
    assert.is.not(simple.buffer, path.buffer);
  }
});

test('keeps both ends, and every point in order', () => {
  const point = fc.tuple(fc.integer({ min: -100, max: 100 }), fc.integer({ min: -80, max: 80 }));
  fc.assert(
    fc.property(
      fc.array(point, { minLength: 2, maxLength: 40 }),
      fc.integer({ min: 0, max: 10_000_000 }),
      (points, tolerance) => {
        const path = Float64Array.from(points.flat());
        const simple = simplifyPath(path, tolerance);
        assert.equal([...simple.subarray(0, 2)], points[0]);
        assert.equal([...simple.subarray(-2)], points.at(-1));
        let from = 0;
        for (let i = 0; i < simple.length; i += 2) {
          const found = points.findIndex(([lon, lat], place) => place >= from && lon === simple[i] && lat === simple[i + 1]);
          assert.ok(found >= from);
          from = found + 1;
        }
      },
    ),
  );
});

test('goes through a path of many windows without a deep stack', () => {
  const simple = simplifyPath(zigzag(50_000, 3), 4);
  assert.ok(simple.length / 2 <= 15, String(simple.length / 2));
});

test('previews leave out standing still and keep the ends', () => {
  const lon = Float64Array.of(0, 1 / degree, 2 / degree, 500 / degree, 501 / degree);
  const lat = new Float64Array(5);
  assert.equal(previewPath(lat, lon, 0, 5), Float64Array.of(0, 0, 501 / degree, 0));
  assert.equal(previewPath(lat, lon, 3, 4), Float64Array.of(500 / degree, 0));
  assert.equal(previewPath(lat, lon, 2, 2), Float64Array.of());
});

test('the collector keeps to its bound by drawing all tracks coarser', () => {
  const collector = createPreviewCollector([0, 2], 100);
  for (const place of [0, 0, 1, 2, 2]) collector.add(place, zigzag(5_000, 60));
  const paths = collector.paths();
  assert.is(paths.length, 2);
  assert.ok(paths.reduce((sum, path) => sum + path.length / 2, 0) <= 100);
  for (const path of paths) assert.ok(path.length / 2 >= 2);
});

test.run();
