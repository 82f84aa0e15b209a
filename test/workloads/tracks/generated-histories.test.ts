import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { type ReferencePoint, referenceTracks } from '../../support/tracks-reference.ts';
import { tracksWorld } from './tracks-world.ts';

const test = suite('tracks of generated histories');

/** Seconds that fall on ranges' edges, repeat, and lie apart by the gap exactly; places that repeat and lie around the jump. */
const point: fc.Arbitrary<ReferencePoint> = fc.record({
  ms: fc.oneof(
    fc.integer({ min: 0, max: 40 }).map((n) => n * 60_000),
    fc.integer({ min: 0, max: 7_200_000 }),
  ),
  lat: fc.constantFrom(0, 0.001, 0.0044, 0.0045, 0.01),
  lon: fc.constantFrom(179.999, -179.999, 180, -180, 0),
  ele: fc.constantFrom(null, 10, 12.5, 9.25),
});

const broken = fc.constantFrom('soon,1,2,', ',1,2,', '1,91,2,', '1,,2,', '1,2', '1,x,2,');

const csv = (rows: readonly (ReferencePoint | string)[]): string =>
  `timestamp,lat,lon,ele\n${rows.map((row) => (typeof row === 'string' ? row : `${(row.ms / 1000).toFixed(3)},${row.lat},${row.lon},${row.ele ?? ''}`)).join('\n')}\n`;

const isPoint = (row: ReferencePoint | string): row is ReferencePoint => typeof row !== 'string';
const chunk = fc.constantFrom('1m' as const, '7m' as const, '1h' as const, 'all' as const, 12_345);

test(
  'tracks of any rows, in any order, cut anyhow, are those of the plain reference',
  async () => {
    const rows = fc.array(fc.oneof({ arbitrary: point, weight: 9 }, { arbitrary: broken, weight: 1 }), { maxLength: 60 });
    const options = fc.record({
      chunk,
      rule: fc.constantFrom('or' as const, 'and' as const),
      minPoints: fc.constantFrom(1, 2, 3),
      dedupe: fc.constantFrom('exact' as const, 'none' as const),
      jump: fc.constantFrom(500, 'off' as const),
    });
    await fc.assert(
      fc.asyncProperty(rows, options, fc.boolean(), async (given, { chunk: size, rule, minPoints, dedupe, jump }, inOrder) => {
        using world = tracksWorld();
        const list = inOrder ? [...given.filter(isPoint)].sort((a, b) => a.ms - b.ms) : given;
        const { tracks, summary } = await world.run([world.file('a.csv', csv(list))], {
          gap: '10m',
          jump,
          rule,
          minPoints,
          dedupe,
          chunk: size,
        });
        const rules = {
          gapMs: 600_000,
          jumpM: jump === 'off' ? Number.POSITIVE_INFINITY : jump,
          rule,
          minPoints,
          dedupe: dedupe === 'exact',
        };
        const expected = referenceTracks(list.filter(isPoint), rules);
        assert.is(summary.rows, list.length);
        assert.equal([summary.valid, summary.duplicates, summary.lonely], [expected.valid, expected.duplicates, expected.lonely]);
        assert.equal(
          tracks.map(({ startMs, endMs, points }) => [startMs, endMs, points]),
          expected.tracks.map(({ startMs, endMs, points }) => [startMs, endMs, points.length]),
        );
        assert.ok(tracks.every(({ distanceUm }, i) => Math.abs(distanceUm / 1e6 - (expected.tracks[i]?.metres ?? 0)) < 0.01));
      }),
      { numRuns: 150 },
    );
  },
  { timeoutMs: 120_000 },
);

test(
  'several files are one history, and equal times stay in the order of files',
  async () => {
    const files = fc.array(fc.array(point, { maxLength: 25 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(files, chunk, async (lists, size) => {
        using world = tracksWorld();
        const sorted = lists.map((list) => [...list].sort((a, b) => a.ms - b.ms));
        const paths = sorted.map((list, i) => world.file(`${i}.csv`, csv(list)));
        const merged = await world.run(paths, { chunk: size, gap: '10m' });
        const single = await world.run([world.file('one.csv', csv(sorted.flat()))], { gap: '10m' });
        const shuffled = lists.map((list, i) => world.file(`s${i}.csv`, csv(list)));
        assert.equal(merged.outputs, single.outputs);
        assert.equal(merged.started, ['tracks']);
        const ties = lists.flat().map(({ ms }) => ms);
        if (new Set(ties).size === ties.length)
          assert.equal((await world.run(shuffled, { chunk: size, gap: '10m' })).outputs, single.outputs);
      }),
      { numRuns: 100 },
    );
  },
  { timeoutMs: 120_000 },
);

test.run();
