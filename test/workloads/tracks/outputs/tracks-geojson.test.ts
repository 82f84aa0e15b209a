import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { writeOutputs } from '../../../../src/workloads/tracks/outputs/write-outputs.ts';
import { suite } from '../../../support/suite.ts';
import { crossing, inFolder, type Path, sources, straight } from './sample-tracks.ts';

const test = suite('tracks.geojson');

type Position = [number, number];
interface Feature {
  type: string;
  id: string;
  properties: Record<string, unknown>;
  geometry: { type: string; coordinates: unknown };
}

async function features(paths: Readonly<Record<string, Path>>): Promise<Feature[]> {
  return inFolder(async (folder) => {
    await writeOutputs(folder, sources(paths), ['geojson']);
    const collection = JSON.parse(await readFile(join(folder, 'tracks.geojson'), 'utf8')) as {
      type: string;
      features: Feature[];
    };
    assert.is(collection.type, 'FeatureCollection');
    return collection.features;
  });
}

/** RFC 7946, read apart from the writer: structure, ranges, two positions a line, and no step over the antimeridian. */
function checkGeometry({ type, coordinates }: Feature['geometry']): void {
  if (type === 'Point') {
    checkPosition(coordinates as Position);
    return;
  }
  const lines = (type === 'LineString' ? [coordinates] : coordinates) as Position[][];
  assert.ok(type === 'LineString' || (type === 'MultiLineString' && lines.length > 1), type);
  for (const line of lines) {
    assert.ok(line.length >= 2, 'a line has two positions at least');
    line.forEach(checkPosition);
    line.slice(1).forEach((position, i) => {
      assert.ok(Math.abs(position[0] - (line[i] as Position)[0]) <= 180, 'no step goes over the antimeridian');
    });
  }
}

function checkPosition(position: Position): void {
  assert.is(position.length, 2);
  assert.ok(Math.abs(position[0]) <= 180 && Math.abs(position[1]) <= 90, `in range: ${position}`);
}

test('writes an empty collection of no tracks', async () => {
  assert.equal(await features({}), []);
});

test('writes a line, a line cut twice, and a single point', async () => {
  const found = await features({ line: straight, cut: crossing, point: [[1.5, -2]] });
  assert.equal(
    found.map(({ type, id, properties, geometry }) => [type, id, properties.id, geometry.type]),
    [
      ['Feature', 'line', 'line', 'LineString'],
      ['Feature', 'cut', 'cut', 'MultiLineString'],
      ['Feature', 'point', 'point', 'Point'],
    ],
  );
  assert.equal(found[0]?.geometry.coordinates, [
    [8.5, 47.1],
    [8.6, 47.2],
    [8.5, 47.3],
  ]);
  assert.is((found[1] as Feature & { geometry: { coordinates: unknown[] } }).geometry.coordinates.length, 3);
  assert.equal(found[2]?.geometry.coordinates, [-2, 1.5]);
  for (const { geometry } of found) checkGeometry(geometry);
});

test('has the numbers of tracks.json as properties', () =>
  inFolder(async (folder) => {
    await writeOutputs(folder, sources({ a: straight, b: crossing }), ['json', 'geojson']);
    const records = JSON.parse(await readFile(join(folder, 'tracks.json'), 'utf8')) as unknown[];
    const collection = JSON.parse(await readFile(join(folder, 'tracks.geojson'), 'utf8')) as { features: Feature[] };
    assert.equal(
      collection.features.map(({ properties }) => properties),
      records,
    );
  }));

test('is valid for any path and any id', async () => {
  const point = fc.tuple(
    fc.double({ min: -90, max: 90, noNaN: true }),
    fc.oneof(fc.double({ min: -180, max: 180, noNaN: true }), fc.constantFrom(-180, 180)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(point, { minLength: 1, maxLength: 8 }), fc.string({ unit: 'binary' }), async (path, id) => {
      const [feature] = await features({ [`"${id}`]: path });
      assert.is(feature?.id, `"${id}`);
      checkGeometry((feature as Feature).geometry);
    }),
    { numRuns: 40 },
  );
});

test.run();
