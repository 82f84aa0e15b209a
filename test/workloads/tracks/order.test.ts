import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { MillraceError, SessionError } from '../../../src/model/errors.ts';
import type { WorkloadEngine } from '../../../src/workloads/engine-part.ts';
import type { CsvRun } from '../../../src/workloads/tracks/history.ts';
import { seemsOrdered } from '../../../src/workloads/tracks/inspect-file.ts';
import { planSlices } from '../../../src/workloads/tracks/plan-slices.ts';
import { runTracks } from '../../../src/workloads/tracks/run-tracks.ts';
import type { SortInput } from '../../../src/workloads/tracks/sort-job.ts';
import { sequentialEngine } from '../../support/sequential-tracks-engine.ts';
import { suite } from '../../support/suite.ts';
import { inspectCsv, tracksWorld } from './tracks-world.ts';

const test = suite('histories out of order');

const row = (seconds: number) => `${seconds},${(seconds % 1_000) / 100_000},1,${seconds % 7}`;
/** Long enough that the samples leave most rows out. */
const ordered = Array.from({ length: 30_000 }, (_, i) => row(1_000_000_000 + i * 5));
const csv = (rows: readonly string[]) => `timestamp,lat,lon,ele\n${rows.join('\n')}\n`;

test('a point that no sample sees is found by the worker, and the history is sorted after all', async () => {
  using world = tracksWorld();
  const late = [...ordered];
  late.splice(12_345, 0, ...late.splice(12_000, 1));
  const path = world.file('late.csv', csv(late));
  assert.ok(seemsOrdered(await inspectCsv(path, world.folder, 0)));
  const found = await world.run([path], { sortMemory: 65_536 });
  const expected = await world.run([world.file('ordered.csv', csv(ordered))]);
  assert.equal(found.started, ['tracks', 'tracks-sort', 'tracks']);
  assert.equal(found.outputs, expected.outputs);
  assert.equal(
    { ...found.summary, inputs: [], elapsedMs: 0, chunks: 0, joined: 0 },
    { ...expected.summary, inputs: [], elapsedMs: 0, chunks: 0, joined: 0 },
  );
});

test('a history that is seen to be out of order is sorted at once', async () => {
  using world = tracksWorld();
  const found = await world.run([world.file('reversed.csv', csv([...ordered].reverse()))], { sortMemory: 65_536 });
  const expected = await world.run([world.file('ordered.csv', csv(ordered))], { chunk: '1h' });
  assert.equal(found.started, ['tracks-sort', 'tracks']);
  assert.ok(found.sorted);
  assert.equal(found.outputs, expected.outputs);
});

test('equal times stay in input order through sorting and merging', async () => {
  using world = tracksWorld();
  const moment = (lat: number) => `1000000000,${lat / 1e6},1,`;
  const ties = Array.from({ length: 5_000 }, (_, i) => moment((i * 7_919) % 5_000));
  const found = await world.run([world.file('ties.csv', csv([row(1_000_000_100), ...ties]))], {
    sortMemory: 65_536,
    jump: 'off',
  });
  const expected = await world.run([world.file('ordered.csv', csv([...ties, row(1_000_000_100)]))], { jump: 'off' });
  assert.ok(found.sorted);
  assert.equal(found.outputs, expected.outputs);
});

test('a session that fails for another reason is told, not sorted away', async () => {
  using world = tracksWorld();
  const engine = sequentialEngine();
  const failing: WorkloadEngine = {
    ...engine,
    async start(job, input) {
      rmSync(world.folder, { recursive: true });
      return engine.start(job, input);
    },
  };
  const error = await runTracks(failing, { files: [world.file('a.csv', csv(ordered))] }).catch((thrown: unknown) => thrown);
  assert.instance(error, SessionError);
  assert.match((error as SessionError).message, 'ENOENT');
  assert.equal(engine.started, ['tracks']);
});

test('a run that its engine closed leaves sorted files only where it can be resumed', async () => {
  using world = tracksWorld();
  const file = world.file('late.csv', csv([...ordered].reverse()));
  for (const durable of [false, true]) {
    let folder = '';
    const closing: WorkloadEngine = {
      ...sequentialEngine(),
      store: { supports: { durable } },
      async start(_job, input) {
        folder = (input as unknown as SortInput).folder;
        writeFileSync(join(folder, '0.run'), '');
        throw new MillraceError('ENGINE_CLOSED', 'closed');
      },
    };
    for (const out of [{}, { out: join(world.folder, 'out') }]) {
      const error = await runTracks(closing, { files: [file], ...out }).catch((thrown: unknown) => thrown);
      assert.is((error as MillraceError).code, 'ENGINE_CLOSED');
      assert.is(existsSync(folder), durable);
      rmSync(folder, { recursive: true, force: true });
    }
  }
});

test('slices tile every byte of every run, hold no empty range, and never overlap in time', async () => {
  using world = tracksWorld();
  const holes = [...ordered.slice(0, 500), 'broken', ...ordered.slice(9_000, 9_100), 'x,1,2', ...ordered.slice(20_000)];
  const files = [csv(ordered), csv(holes), csv(['broken', 'more']), csv(ordered.slice(100, 101))];
  const runs: CsvRun[] = [];
  for (const [i, text] of files.entries()) runs.push(await inspectCsv(world.file(`${i}.csv`, text), world.folder, i));
  for (const size of [60_000, 3_600_000, 86_400_000, Number.POSITIVE_INFINITY]) {
    const slices = [...planSlices(runs, size)];
    const reached = runs.map(({ layout }) => layout.dataStart);
    let before = Number.NEGATIVE_INFINITY;
    for (const { from, to, parts } of slices) {
      assert.ok(from >= before && to > from && parts.length > 0);
      before = to;
      for (const { run, begin, end } of parts) {
        assert.is(begin, reached[run]);
        assert.ok(end > begin);
        reached[run] = end;
      }
    }
    assert.equal(
      reached,
      runs.map((run) => run.size),
    );
  }
});

const openFiles = '/proc/self/fd';

test.unless(
  existsSync(openFiles) ? undefined : 'this system does not show which files are open',
  'a history of many files has few of them open at once, all of them in every slice',
  async () => {
    using world = tracksWorld();
    const files = Array.from({ length: 300 }, (_, n) =>
      csv([row(1_000_000_000 + n), row(1_000_003_600 + n), row(1_000_090_000 + n)]),
    );
    const runs: CsvRun[] = [];
    for (const [n, text] of files.entries()) runs.push(await inspectCsv(world.file(`${n}.csv`, text), world.folder, n));
    const before = readdirSync(openFiles).length;
    const slices = [];
    for (const slice of planSlices(runs, 3_600_000)) {
      assert.ok(readdirSync(openFiles).length <= before + 70);
      slices.push(slice.parts.length);
    }
    assert.is(readdirSync(openFiles).length, before);
    assert.ok(slices.length > 2 && slices.reduce((sum, parts) => sum + parts) === 900);
  },
);

test.run();
