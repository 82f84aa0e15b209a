import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { checkJob } from '../../../src/testing/check-job.ts';
import { cleanPoints } from '../../../src/workloads/tracks/clean-points.ts';
import { createColumns } from '../../../src/workloads/tracks/columns.ts';
import { planOptions, type TracksOptions } from '../../../src/workloads/tracks/options.ts';
import { tracksJob } from '../../../src/workloads/tracks/tracks-job.ts';
import { missingData, sharedData } from '../../support/shared-data.ts';
import { suite } from '../../support/suite.ts';
import { greatCircle, type ReferencePoint, referencePoints, referenceTracks } from '../../support/tracks-reference.ts';
import { inspectCsv, tracksWorld } from './tracks-world.ts';

const test = suite('stays in tracks');
const minute = 60_000;

interface Stay {
  readonly timeMs: number;
  readonly radiusM: number;
  readonly stepMs: number;
}

/**
 * The rule in its plainest form: from each point to the first that is the time later, all steps short and all points in a small box. The points
 * are in time order, without duplicates, and their longitudes do not cross the antimeridian.
 */
function steps(points: readonly ReferencePoint[], { timeMs, radiusM, stepMs }: Stay): boolean[] {
  const stayed = points.map(() => false);
  points.forEach((point, i) => {
    const last = points.findIndex(({ ms }, n) => n >= i && ms >= point.ms + timeMs);
    if (last < 0) return;
    const stretch = points.slice(i, last + 1);
    const isWhole = stretch.every(({ ms }, n) => n === 0 || ms - (stretch[n - 1] as ReferencePoint).ms <= stepMs);
    const [lats, lons] = [stretch.map(({ lat }) => lat), stretch.map(({ lon }) => lon)];
    const corner = { lat: Math.min(...lats), lon: 0 };
    const opposite = { lat: Math.max(...lats), lon: Math.max(...lons) - Math.min(...lons) };
    if (isWhole && greatCircle(corner, opposite) <= 2 * radiusM) stayed.fill(true, i + 1, last + 1);
  });
  return stayed;
}

/** The histories between stays: each is made tracks of by the rules that there are without stays. */
function parts(points: readonly ReferencePoint[], stay: Stay): { histories: ReferencePoint[][]; dwelling: number } {
  const stayed = steps(points, stay);
  const histories: ReferencePoint[][] = [[]];
  let dwelling = 0;
  points.forEach((point, i) => {
    if (stayed[i] && stayed[i + 1]) dwelling++;
    else if (stayed[i]) histories.push([point]);
    else histories.at(-1)?.push(point);
  });
  return { histories, dwelling };
}

const csv = (points: readonly ReferencePoint[]): string =>
  `time,lat,lon,ele\n${points.map(({ ms, lat, lon, ele }) => `${ms / 1000},${lat},${lon},${ele ?? ''}`).join('\n')}\n`;

/** A way of ten minutes, an hour at one place with some drift, and a way back. */
const outing: readonly ReferencePoint[] = Array.from({ length: 81 }, (_, n) => {
  const away = n <= 10 ? n : n <= 70 ? 10 : 80 - n;
  const drift = n > 10 && n < 70 ? ((n * 7) % 5) * 0.00002 : 0;
  return { ms: n * minute, lat: 47 + away * 0.001 + drift, lon: 8 + drift, ele: null };
});

test('a stay ends one track and begins the next, and the points amid it are in none', async () => {
  using world = tracksWorld();
  const file = world.file('a.csv', csv(outing));
  assert.is((await world.run([file])).summary.tracks, 1);
  for (const chunk of ['1d', '1h', '7m', '1m', 'all'] as const) {
    const { tracks, summary } = await world.run([file], { dwellTime: '20m', chunk });
    const times = tracks.map(({ startMs, endMs, points }) => [startMs / minute, endMs / minute, points]);
    assert.equal(times, [
      [0, 10, 11],
      [70, 80, 11],
    ]);
    assert.equal([summary.valid, summary.dwelling, summary.lonely], [81, 59, 0], chunk);
  }
});

test('a stay that is too short, too wide, or has a step longer than the gap splits nothing', async () => {
  using world = tracksWorld();
  const file = world.file('a.csv', csv(outing));
  const isWhole = async (options: TracksOptions) => (await world.run([file], options)).summary.tracks === 1;
  assert.ok(await isWhole({ dwellTime: '63m' }));
  assert.not(await isWhole({ dwellTime: '60m', dwellRadius: 5_000 }));
  assert.ok(await isWhole({ dwellTime: '20m', dwellRadius: 1 }));
  const holes = world.file('b.csv', csv(outing.filter(({ ms }) => ms % (6 * minute) === 0)));
  assert.is((await world.run([holes], { dwellTime: '20m' })).summary.tracks, 2);
  assert.is((await world.run([holes], { dwellTime: '20m', gap: '5m' })).summary.dwelling, 0);
});

test('a stay on the antimeridian is one', async () => {
  using world = tracksWorld();
  const rows = Array.from({ length: 40 }, (_, n) => `${n * 60},0,${n % 2 ? 179.9999 : -179.9999}`);
  const { summary } = await world.run([world.file('a.csv', `time,lat,lon\n${rows.join('\n')}\n`)], { dwellTime: '10m' });
  assert.equal([summary.dwelling, summary.tracks, summary.lonely], [38, 0, 2]);
});

/** Places near and far, steps around the gap, now and then a stay. */
const someHistory = fc
  .array(
    fc.record({
      step: fc.constantFrom(0, 1, 1, 1, 2, 5, 11),
      lat: fc.constantFrom(0, 0, 0, 0.0002, 0.0004, 0.01),
      lon: fc.constantFrom(0, 0, 0.0001, 0.0005),
    }),
    { maxLength: 80 },
  )
  .map((list) => {
    let ms = 0;
    const points = list.map(({ step, lat, lon }): ReferencePoint => {
      ms += step * minute;
      return { ms, lat, lon, ele: null };
    });
    const names = points.map((point) => JSON.stringify(point));
    return points.filter((_, i) => names.indexOf(names[i] as string) === i);
  });

test(
  'any history, cut anyhow, has the tracks of the plain rule',
  async () => {
    const chunk = fc.constantFrom('1m' as const, '7m' as const, '1h' as const, 'all' as const);
    const radius = fc.constantFrom(20, 50);
    const minPoints = fc.constantFrom(1, 2);
    await fc.assert(
      fc.asyncProperty(someHistory, chunk, radius, minPoints, async (given, size, radiusM, least) => {
        using world = tracksWorld();
        const stay = { timeMs: 6 * minute, radiusM, stepMs: 10 * minute };
        const { histories, dwelling } = parts(given, stay);
        const rules = { gapMs: 10 * minute, jumpM: 500, rule: 'or', minPoints: least, dedupe: true } as const;
        const expected = histories.map((history) => referenceTracks(history, rules));
        const { tracks, summary } = await world.run([world.file('a.csv', csv(given))], {
          gap: '10m',
          minPoints: least,
          dwellTime: '6m',
          dwellRadius: radiusM,
          chunk: size,
        });
        assert.is(summary.dwelling, dwelling);
        assert.is(
          summary.lonely,
          expected.reduce((sum, { lonely }) => sum + lonely, 0),
        );
        assert.equal(
          tracks.map(({ startMs, endMs, points }) => [startMs, endMs, points]),
          expected.flatMap((part) => part.tracks).map(({ startMs, endMs, points }) => [startMs, endMs, points.length]),
        );
      }),
      { numRuns: 120 },
    );
  },
  { timeoutMs: 120_000 },
);

test('points may be read from anywhere further away than the rule looks: what is kept of a slice is the same', () => {
  const cleaning = { dedupe: 'exact', maxSpeed: 15, dwell: { timeMs: 6 * minute, radiusM: 20, stepMs: 10 * minute } } as const;
  const columnsOf = (points: readonly ReferencePoint[]) => {
    const columns = createColumns(points.length);
    points.forEach(({ ms, lat, lon }, i) => {
      [columns.time[i], columns.lat[i], columns.lon[i], columns.ele[i]] = [ms, lat, lon, 0];
    });
    columns.length = points.length;
    return columns;
  };
  const reach = 16 * minute + 3_600_000;
  fc.assert(
    fc.property(someHistory, fc.nat(300), fc.nat(60), (given, begin, length) => {
      const [from, to] = [begin * minute, (begin + length) * minute];
      const slice = { from, to, parts: [], around: [] };
      const all = columnsOf(given);
      const near = columnsOf(given.filter(({ ms }) => ms >= from - reach && ms < to + reach));
      const cleaned = [all, near].map((points) => {
        const { stays, ...dropped } = cleanPoints(points, slice, cleaning);
        return {
          ...dropped,
          time: [...points.time.subarray(0, points.length)],
          stays: [...(stays ?? [])].slice(0, points.length),
        };
      });
      assert.equal(cleaned[1], cleaned[0]);
    }),
    { numRuns: 500 },
  );
});

test('the job keeps the Law with stays', async () => {
  using world = tracksWorld();
  const history = Array.from({ length: 12 }, (_, day) =>
    outing.map((point) => ({ ...point, ms: point.ms + day * 100 * minute })),
  );
  const run = await inspectCsv(world.file('a.csv', csv(history.flat())), world.folder, 0);
  const plan = planOptions({ chunk: '13m', dwellTime: '20m', maxSpeed: 20 });
  const input = { runs: [run], plan, out: null, names: ['a.csv'], sorted: null };
  assert.equal(await checkJob(tracksJob, [input], { cuts: 30, runs: 3 }), { cuts: 30, runs: 3 });
});

for (const name of ['dawarich-demo.csv', 'gpsbabel-dg100.csv', 'fisher-M5.csv']) {
  const path = `tracks/points/${name}`;
  test.unless(
    missingData(path),
    `${name}: the same bytes for every cut, and the tracks of the plain rule`,
    async () => {
      using world = tracksWorld();
      const { points } = referencePoints(readFileSync(sharedData(path), 'utf8'));
      const seen = new Set<string>();
      const unique = [...points]
        .sort((a, b) => a.ms - b.ms)
        .filter(({ ms, lat, lon }) => !seen.has(`${ms} ${lat} ${lon}`) && seen.add(`${ms} ${lat} ${lon}`));
      const { histories, dwelling } = parts(unique, { timeMs: 10 * minute, radiusM: 50, stepMs: 30 * minute });
      const rules = { gapMs: 30 * minute, jumpM: 500, rule: 'or', minPoints: 2, dedupe: true } as const;
      const expected = histories.flatMap((history) => referenceTracks(history, rules).tracks);
      const options = { dwellTime: '10m' } as const;
      const first = await world.run([sharedData(path)], options);
      assert.ok(dwelling > 0);
      assert.equal([first.summary.dwelling, first.summary.tracks], [dwelling, expected.length]);
      for (const chunk of ['6h', 'all'] as const)
        assert.equal((await world.run([sharedData(path)], { ...options, chunk })).outputs, first.outputs);
    },
    { timeoutMs: 60_000 },
  );
}

test.run();
