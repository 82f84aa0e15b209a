import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { type ChunkOutput, combineChunks } from '../../../src/workloads/tracks/chunk-output.ts';
import { type Columns, createColumns } from '../../../src/workloads/tracks/columns.ts';
import { dropDuplicates } from '../../../src/workloads/tracks/drop-duplicates.ts';
import { emptyTally } from '../../../src/workloads/tracks/row-counts.ts';
import type { TrackRules } from '../../../src/workloads/tracks/rules.ts';
import { segmentPoints } from '../../../src/workloads/tracks/segment-points.ts';
import { sortByTime } from '../../../src/workloads/tracks/sort-columns.ts';
import { suite } from '../../support/suite.ts';

const test = suite('the Law of tracks');

type Row = readonly [time: number, lat: number, lon: number, ele: number];

/** Few places and times, so that ties, duplicates, crossings of the antimeridian and antipodes are common; heights now and then. */
const row: fc.Arbitrary<Row> = fc.tuple(
  fc.integer({ min: 0, max: 60 }).map((n) => n * 500),
  fc.oneof(fc.constantFrom(0, -0, 90, -90, 45), fc.double({ min: -90, max: 90, noNaN: true })),
  fc.oneof(fc.constantFrom(0, 180, -180, 179.9999, -179.9999, 10), fc.double({ min: -180, max: 180, noNaN: true })),
  fc.constantFrom(Number.NaN, 1, 2.5, -3, 1000.0004),
);

const rules: fc.Arbitrary<TrackRules> = fc.record({
  gapMs: fc.constantFrom(500, 1_000, 5_000),
  jumpM: fc.constantFrom(null, 1, 20_000, 9_000_000),
  rule: fc.constantFrom('or' as const, 'and' as const),
  splitDay: fc.constantFrom(null, 'UTC', 'Asia/Kathmandu'),
  minPoints: fc.constantFrom(1, 2, 3, 5),
});

/** The work of one chunk, without its paths: that is what the Law speaks of. */
function work(points: Columns, given: TrackRules): ChunkOutput {
  const counts = emptyTally();
  counts.rows = counts.valid = points.length;
  const duplicates = dropDuplicates(points);
  const { table, count, lonely } = segmentPoints(points, given);
  return { table, segments: count, lonely, duplicates, outliers: 0, dwelling: 0, counts, rules: given, paths: null };
}

function columnsOf(rows: readonly Row[]): Columns {
  const columns = createColumns(rows.length);
  rows.forEach(([time, lat, lon, ele], i) => {
    columns.time[i] = time;
    columns.lat[i] = lat;
    columns.lon[i] = lon;
    columns.ele[i] = ele;
  });
  columns.length = rows.length;
  return columns;
}

/** The points in time order, in pieces that part at the given moments. */
function pieces(rows: readonly Row[], cuts: readonly number[]): Row[][] {
  const sorted = [...rows].sort((a, b) => a[0] - b[0]);
  const edges = [Number.NEGATIVE_INFINITY, ...[...cuts].sort((a, b) => a - b), Number.POSITIVE_INFINITY];
  return edges.slice(1).map((to, i) => sorted.filter(([time]) => time >= (edges[i] as number) && time < to));
}

/** Bit for bit: NaN, -0 and all. */
function assertSame(left: ChunkOutput, right: ChunkOutput): void {
  assert.equal({ ...left, table: Buffer.from(bytes(left.table)) }, { ...right, table: Buffer.from(bytes(right.table)) });
}

function bytes({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

const history = fc.array(row, { maxLength: 60 });
const moments = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 6 });

test('the work of a whole is the combined work of its parts, exactly, however it is cut', () => {
  fc.assert(
    fc.property(history, moments, rules, (rows, cuts, given) => {
      const whole = work(columnsOf(pieces(rows, [])[0] as Row[]), given);
      const parts = pieces(rows, cuts).map((piece) => work(columnsOf(piece), given));
      assertSame(parts.reduce(combineChunks), whole);
    }),
    { numRuns: 2_000 },
  );
});

test('combine is associative, exactly', () => {
  fc.assert(
    fc.property(
      history,
      fc.tuple(fc.integer({ max: 30_000, min: 0 }), fc.integer({ max: 30_000, min: 0 })),
      rules,
      (rows, cuts, given) => {
        const [a, b, c] = pieces(rows, cuts).map((piece) => work(columnsOf(piece), given)) as [
          ChunkOutput,
          ChunkOutput,
          ChunkOutput,
        ];
        assertSame(combineChunks(combineChunks(a, b), c), combineChunks(a, combineChunks(b, c)));
      },
    ),
    { numRuns: 2_000 },
  );
});

test('distances stay exact beyond what a double can count in micrometres', () => {
  const given: TrackRules = { gapMs: 1_000, jumpM: null, rule: 'or', splitDay: null, minPoints: 2 };
  const rows = Array.from({ length: 3_000 }, (_, i): Row => [i * 1_000, i % 2 ? 1e-7 : 0, i % 2 ? 180 : 0, Number.NaN]);
  const whole = work(columnsOf(rows), given);
  assertSame(
    pieces(rows, [777_000, 1_500_000])
      .map((piece) => work(columnsOf(piece), given))
      .reduce(combineChunks),
    whole,
  );
});

test('duplicates of one moment are found among many points of it', () => {
  const places = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom(0, -0, 1)), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(places, (few) => {
      const distinct = Array.from({ length: 40 }, (_, i): Row => [0, -i - 1, 0, 0]);
      const rows = [...distinct, ...few.map(([lat, lon]): Row => [0, lat, lon, 0]), ...distinct, [1, 5, 5, 0] as const];
      const columns = columnsOf(rows);
      const dropped = dropDuplicates(columns);
      const kept = new Set(rows.map(([time, lat, lon]) => `${time} ${lat} ${lon}`)).size;
      assert.equal([columns.length, dropped], [kept, rows.length - kept]);
    }),
  );
});

test('the radix sort is the stable sort by time', () => {
  const times = fc.array(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -8.64e15, max: 8.64e15 })), {
    maxLength: 200,
  });
  const check = (list: readonly number[]): void => {
    const columns = columnsOf(list.map((time, place): Row => [time, place, 0, 0]));
    const expected = list.map((time, place) => ({ time, place })).sort((a, b) => a.time - b.time || a.place - b.place);
    const sorted = sortByTime(columns);
    assert.equal(
      [...sorted.time.subarray(0, sorted.length)],
      expected.map(({ time }) => time),
    );
    assert.equal(
      [...sorted.lat.subarray(0, sorted.length)],
      expected.map(({ place }) => place),
    );
  };
  fc.assert(fc.property(times, check));
  check(Array.from({ length: 6_000 }, (_, i) => (((i * 7_919) % 86_400_000) % 1_000) + 1.7e12));
});

test.run();
