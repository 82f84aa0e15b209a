import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { missingData, sharedData } from '../../support/shared-data.ts';
import { suite } from '../../support/suite.ts';
import { greatCircle, type ReferencePoint, referencePoints, referenceTracks } from '../../support/tracks-reference.ts';
import { tracksWorld } from './tracks-world.ts';

const test = suite('outliers of tracks');
const hour = 3_600_000;

/** The rule in its plainest form: both ways too fast, both neighbours within an hour. Points are in time order without duplicates. */
function withoutOutliers(points: readonly ReferencePoint[], limit: number): ReferencePoint[] {
  const tooFast = (a: ReferencePoint | undefined, b: ReferencePoint | undefined): boolean =>
    a !== undefined && b !== undefined && b.ms - a.ms <= hour && greatCircle(a, b) / ((b.ms - a.ms) / 1_000) > limit;
  return points.filter((point, i) => !(tooFast(points[i - 1], point) && tooFast(point, points[i + 1])));
}

const csv = (points: readonly ReferencePoint[]): string =>
  `time,lat,lon,ele\n${points.map(({ ms, lat, lon, ele }) => `${ms / 1000},${lat},${lon},${ele ?? ''}`).join('\n')}\n`;

test('a fix that jumps aside and back is dropped, wherever chunks are cut; the first and the last point stay', async () => {
  using world = tracksWorld();
  const lat = [47, 47.001, 48, 47.002, 47.003, 47.004, 49];
  const file = world.file('a.csv', `time,lat,lon\n${lat.map((y, n) => `${n * 60},${y},8`).join('\n')}\n`);
  for (const chunk of ['1d', '1m', '2m', 'all'] as const) {
    const { summary, tracks } = await world.run([file], { chunk, maxSpeed: 50, jump: 'off' });
    assert.equal([summary.valid, summary.outliers, summary.lonely, tracks[0]?.points], [7, 1, 0, 6], chunk);
  }
  assert.is((await world.run([file])).summary.outliers, 0);
});

test(
  'any history, in any order, cut anyhow, has the tracks of what the plain rule leaves',
  async () => {
    const point = fc.record({
      ms: fc.integer({ min: 0, max: 400 }).map((n) => n * 60_000),
      lat: fc.constantFrom(0, 0.001, 0.5, 1),
      lon: fc.constantFrom(0, 0.002, 1),
      ele: fc.constant(null),
    });
    const points = fc.uniqueArray(point, { selector: ({ ms }) => ms, maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(
        points,
        fc.constantFrom('1m' as const, '17m' as const, '1h' as const, 'all' as const),
        async (given, chunk) => {
          using world = tracksWorld();
          const sorted = [...given].sort((a, b) => a.ms - b.ms);
          const left = withoutOutliers(sorted, 20);
          const { summary, outputs } = await world.run([world.file('all.csv', csv(given))], { maxSpeed: 20, chunk });
          const plain = await world.run([world.file('left.csv', csv(left))]);
          assert.is(summary.outliers, given.length - left.length);
          assert.equal(outputs, plain.outputs);
        },
      ),
      { numRuns: 60 },
    );
  },
  { timeoutMs: 60_000 },
);

const seal = 'tracks/points/seal-EB2011_3000.csv';

test.unless(
  missingData(seal),
  "a seal's satellite fixes: the same bytes for every cut, and the tracks of the plain rule",
  async () => {
    using world = tracksWorld();
    const { points } = referencePoints(readFileSync(sharedData(seal), 'utf8'));
    const ordered = [...points].sort((a, b) => a.ms - b.ms);
    const seen = new Set<string>();
    const unique = ordered.filter(({ ms, lat, lon }) => !seen.has(`${ms} ${lat} ${lon}`) && seen.add(`${ms} ${lat} ${lon}`));
    const left = withoutOutliers(unique, 3);
    const rules = { gapMs: hour / 2, jumpM: 500, rule: 'or', minPoints: 2, dedupe: true } as const;
    const expected = referenceTracks(left, rules);
    const runs = [];
    for (const chunk of ['1d', '5h', 'all'] as const) runs.push(await world.run([sharedData(seal)], { maxSpeed: 3, chunk }));
    for (const { summary, outputs } of runs) {
      assert.ok(summary.outliers > 100);
      assert.equal([summary.outliers, summary.tracks], [unique.length - left.length, expected.tracks.length]);
      assert.equal(outputs, runs[0]?.outputs);
    }
  },
);

test.run();
