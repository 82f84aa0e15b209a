import * as assert from 'uvu/assert';
import { checkJob } from '../../../src/testing/check-job.ts';
import { runSequential } from '../../../src/testing/run-sequential.ts';
import { planOptions } from '../../../src/workloads/tracks/options.ts';
import { type TracksInput, tracksJob } from '../../../src/workloads/tracks/tracks-job.ts';
import { suite } from '../../support/suite.ts';
import { inspectCsv, type TracksWorld, tracksWorld } from './tracks-world.ts';

const test = suite('the tracks job');

/** Walks of ten minutes with pauses between them, some over the edges of hours. */
const rows = Array.from(
  { length: 4_000 },
  (_, i) => `${1_000_000_000 + i * 7 + Math.floor(i / 90) * 2_000},${i / 1e5},${-i / 1e5},${i % 11}`,
);
const csv = (lines: readonly string[]) => `timestamp,lat,lon,ele\n${lines.join('\n')}\n`;

async function inputOf(world: TracksWorld, chunk: 'all' | '1h' | '10m', lines: readonly string[] = rows): Promise<TracksInput> {
  const run = await inspectCsv(world.file('history.csv', csv(lines)), world.folder, 0);
  return { runs: [run], plan: planOptions({ chunk }), out: null, names: ['history.csv'], sorted: null };
}

test('gives the same tracks for every cut', async () => {
  using world = tracksWorld();
  const tables = [];
  for (const chunk of ['all', '1h', '10m'] as const) {
    const outcome = await runSequential(tracksJob, await inputOf(world, chunk));
    assert.is(outcome.status, 'completed');
    assert.is(outcome.result?.counts.rows, rows.length);
    assert.ok(outcome.result?.tracks);
    tables.push({ table: [...(outcome.result?.table ?? [])], lonely: outcome.result?.lonely });
  }
  assert.equal(tables[1], tables[0]);
  assert.equal(tables[2], tables[0]);
});

test('keeps the Law on its own input', async () => {
  using world = tracksWorld();
  const { cuts } = await checkJob(tracksJob, [await inputOf(world, '10m')], { cuts: 30 });
  assert.is(cuts, 30);
});

test('fails as a whole when a worker finds a point out of order, and the dead letter says why', async () => {
  using world = tracksWorld();
  const lines = [...rows.slice(0, 3_000), ...rows.slice(2_998, 2_999), ...rows.slice(3_000)];
  const outcome = await runSequential(tracksJob, await inputOf(world, '1h', lines));
  assert.is(outcome.status, 'failed');
  assert.match(outcome.failures[0]?.message ?? '', 'is not in time order');
});

test('an empty history has an empty result', async () => {
  using world = tracksWorld();
  const { result } = await runSequential(tracksJob, await inputOf(world, '1h', []));
  assert.equal([result?.tracks, result?.counts.rows, result?.table.length], [0, 0, 0]);
});

test.run();
