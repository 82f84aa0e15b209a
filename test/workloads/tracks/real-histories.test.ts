import { readdirSync, readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import type { TracksOptions } from '../../../src/workloads/tracks/options.ts';
import { missingData, sharedData } from '../../support/shared-data.ts';
import { suite } from '../../support/suite.ts';
import { type ReferencePoint, referencePoints, referenceTracks } from '../../support/tracks-reference.ts';
import { tracksWorld } from './tracks-world.ts';

const test = suite('tracks of real histories');
const missing = missingData('tracks/points');
const names = missing ? [] : readdirSync(sharedData('tracks/points')).sort();
const minute = 60_000;

const settings: readonly { gapMs: number; jump: number | 'off'; splitDay?: string }[] = [
  { gapMs: 30 * minute, jump: 500 },
  { gapMs: 30 * minute, jump: 'off' },
  { gapMs: 5 * minute, jump: 200 },
  { gapMs: 180 * minute, jump: 5_000 },
  { gapMs: 300 * minute, jump: 'off', splitDay: 'America/Santiago' },
];

for (const name of names) {
  test(
    `${name}: tracks, times, counts and distances are those of the plain reference`,
    async () => {
      using world = tracksWorld();
      const path = sharedData(`tracks/points/${name}`);
      const { rows, points } = referencePoints(readFileSync(path, 'utf8'));
      for (const { gapMs, jump, splitDay } of settings) {
        const report = await world.run([path], { gap: gapMs, jump, ...(splitDay && { splitDay }) });
        assert.is(report.summary.rows, rows);
        compare(report, points, gapMs, jump, splitDay);
      }
    },
    { timeoutMs: 60_000 },
  );
}

test.unless(
  missing,
  'any chunk size, and rows shuffled with equal times in their order, give the same bytes',
  async () => {
    for (const name of [
      'fisher-F2.csv',
      'albatross-14030500.csv',
      'seal-EB2011_3000.csv',
      'dawarich-demo.csv',
      'bus-liverpool-14-all-vehicles.csv',
    ]) {
      using world = tracksWorld();
      const path = sharedData(`tracks/points/${name}`);
      const expected = (await world.run([path])).outputs;
      const chunks: NonNullable<TracksOptions['chunk']>[] = [
        '7d',
        'all',
        name.startsWith('bus') || name.startsWith('dawarich') ? '7m' : '5h',
      ];
      for (const chunk of chunks)
        assert.equal((await world.run([path], { chunk }, 'fold')).outputs, expected, `${name} ${chunk}`);
      const shuffled = world.file('shuffled.csv', shuffleKeepingTies(readFileSync(path, 'utf8')));
      const again = await world.run([shuffled], { sortMemory: 65_536 });
      assert.equal(again.outputs, expected, `${name} shuffled`);
      assert.ok(again.sorted);
    }
  },
  { timeoutMs: 120_000 },
);

/** Reverses the order of the moments; rows of one moment stay as they were. */
function shuffleKeepingTies(text: string): string {
  const [header, ...rows] = text.trimEnd().split('\n');
  const moments = new Map<string, string[]>();
  for (const row of rows) {
    const time = String(row.split(',')[0]);
    moments.set(time, [...(moments.get(time) ?? []), row]);
  }
  return `${[header, ...[...moments.values()].reverse().flat()].join('\n')}\n`;
}

function compare(
  report: Awaited<ReturnType<ReturnType<typeof tracksWorld>['run']>>,
  points: readonly ReferencePoint[],
  gapMs: number,
  jump: number | 'off',
  splitDay?: string,
): void {
  const rules = {
    gapMs,
    jumpM: jump === 'off' ? Number.POSITIVE_INFINITY : jump,
    rule: 'or',
    minPoints: 2,
    dedupe: true,
    ...(splitDay && { splitDay }),
  } as const;
  const expected = referenceTracks(points, rules);
  const { summary, tracks } = report;
  assert.equal(
    { valid: summary.valid, duplicates: summary.duplicates, lonely: summary.lonely, tracks: summary.tracks },
    { valid: expected.valid, duplicates: expected.duplicates, lonely: expected.lonely, tracks: expected.tracks.length },
  );
  const paths = pathsOf(report.outputs.geojson);
  expected.tracks.forEach((plain, i) => {
    assert.equal(
      paths[i],
      plain.points.map(({ lat, lon }) => [roundedTo7(lon), roundedTo7(lat)]),
      `the path of track ${i}`,
    );
    const track = tracks[i];
    assert.ok(track);
    const found = { startMs: track.startMs, endMs: track.endMs, points: track.points, minMm: track.minMm, maxMm: track.maxMm };
    const inMm = (height: number | null) => (height === null ? null : Math.round(height * 1000));
    assert.equal(found, {
      startMs: plain.startMs,
      endMs: plain.endMs,
      points: plain.points.length,
      minMm: inMm(plain.minM),
      maxMm: inMm(plain.maxM),
    });
    const metres = track.distanceUm / 1e6;
    assert.ok(Math.abs(metres - plain.metres) <= Math.max(0.01, plain.metres * 1e-4), `${metres} is not ${plain.metres} metres`);
    const tolerance = 0.001 * plain.points.length;
    assert.ok(Math.abs(track.gainMm / 1000 - plain.gainM) <= tolerance, `gain of ${track.gainMm} mm is not ${plain.gainM} m`);
    assert.ok(Math.abs(track.lossMm / 1000 - plain.lossM) <= tolerance, `loss of ${track.lossMm} mm is not ${plain.lossM} m`);
    assert.ok(Math.abs(track.maxSpeedMps - plain.maxSpeed) <= 1e-6 * Math.max(1, plain.maxSpeed), 'the maximum speed differs');
  });
}

/** The positions of each feature, without those that cuts at the antimeridian put in. */
function pathsOf(geojson: string): number[][][] {
  const { features } = JSON.parse(geojson) as { features: { geometry: { type: string; coordinates: unknown } }[] };
  return features.map(({ geometry }) => {
    if (geometry.type === 'LineString') return geometry.coordinates as number[][];
    const lines = geometry.coordinates as number[][][];
    return lines.flatMap((line, i) => line.slice(i === 0 ? 0 : 1, i === lines.length - 1 ? undefined : -1));
  });
}

function roundedTo7(degrees: number): number {
  return Math.round(degrees * 1e7) / 1e7 + 0;
}

test.run();
