import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { createEngine, type Engine, memory, type Session, type Store, sqlite } from '../../../src/index.ts';
import type { WorkloadSession } from '../../../src/workloads/engine-part.ts';
import type { TracksOptions } from '../../../src/workloads/tracks/options.ts';
import { runTracks, type TracksReport, tracksJobs } from '../../../src/workloads/tracks/run-tracks.ts';
import { suite } from '../../support/suite.ts';
import { csvOf, type Edit, edited, type Files, type Row, rangesOf } from './edited-history.ts';
import { type Outputs, tracksWorld } from './tracks-world.ts';

const test = suite('tracks of what changed');

const patience = { timeoutMs: 60_000 };

/** The middle of a day. */
const begin = 1_600_003_456;
const hour = 3_600;
const formats = ['json', 'geojson', 'gpx'] as const;

/** Options, and how far around a range their rules look, in seconds. */
interface Rules {
  readonly options: TracksOptions;
  readonly reach: number;
}

const rules: readonly Rules[] = [
  { options: { gap: '20m', chunk: '3h' }, reach: 0 },
  { options: { gap: '20m', chunk: '3h', minPoints: 1, splitDay: 'Europe/Zurich', simplify: 5 }, reach: 0 },
  { options: { gap: '20m', chunk: '3h', maxSpeed: 20 }, reach: hour },
  { options: { gap: '20m', chunk: '3h', maxSpeed: 20, dwellTime: '20m', dwellRadius: 100 }, reach: hour + 2 * 1_200 },
];

type Step = { readonly edits: readonly Edit[]; readonly rules: number };

const row: fc.Arbitrary<Row> = fc.record({
  seconds: fc.integer({ min: 0, max: 18 * 12 }).map((steps) => begin + steps * 300),
  lat: fc.integer({ min: 0, max: 12 }).map((steps) => 47 + steps / 1_000),
  lon: fc.integer({ min: 0, max: 3 }).map((steps) => 8 + steps / 1_000),
  isPoint: fc.integer({ min: 0, max: 9 }).map((chance) => chance > 0),
});
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const lat = fc.integer({ min: 0, max: 12 }).map((steps) => 46 + steps / 1_000);
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ type: fc.constant('append' as const), row }),
  fc.record({ type: fc.constant('insert' as const), place, row }),
  fc.record({ type: fc.constant('change' as const), place, lat }),
  fc.record({ type: fc.constant('delete' as const), place }),
  fc.record({ type: fc.constant('deleteRange' as const), place }),
  fc.record({ type: fc.constant('turnFiles' as const) }),
  fc.record({ type: fc.constant('newFile' as const), row }),
  fc.record({ type: fc.constant('undo' as const), edits: fc.integer({ min: 1, max: 4 }) }),
);
const history = fc.array(row, { minLength: 1, maxLength: 60 });
const steps = (own: readonly number[]): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      edits: fc.array(edit, { maxLength: 3 }),
      rules: fc.constantFrom(...own),
    }),
    { minLength: 2, maxLength: 5 },
  );

interface Computed {
  readonly report: TracksReport;
  readonly outputs: Outputs;
  /** Numbers of the batches that a worker was given, and that ended. */
  readonly computed: ReadonlySet<number>;
}

/** Runs in the same folder, each on the engine that it is given. */
function runnerIn(out: string) {
  const read = (name: string): string => readFileSync(join(out, name), 'utf8');
  return async (engine: Engine, files: readonly string[], options: TracksOptions): Promise<Computed> => {
    const computed = new Set<number>();
    const watch = async (session: Session<unknown, unknown>): Promise<void> => {
      for await (const event of session.events()) {
        if (event.type === 'batch.completed' && !event.cached) computed.add(event.number);
      }
    };
    const watched: Promise<void>[] = [];
    const onSession = (session: WorkloadSession<unknown, unknown>, stage: string): void => {
      // The engine's own, of which the workload only knows a part.
      if (stage === 'tracks') watched.push(watch(session as Session<unknown, unknown>));
    };
    const request = { files, out, options: { ...options, mode: 'incremental', formats } } as const;
    const report = await runTracks(engine, request, { onSession });
    await Promise.all(watched);
    return {
      report,
      computed,
      outputs: { json: read('tracks.json'), geojson: read('tracks.geojson'), gpx: read('tracks.gpx') },
    };
  };
}

/** Ranges whose contents, or rules, are not those of the last run that had them. Notes those of this run. */
function touchedOf(known: Map<number, string>, files: Files, chosen: Rules): readonly number[] {
  const touched: number[] = [];
  let number = 0;
  for (const [range, text] of rangesOf(files, chosen.reach)) {
    const now = `${rules.indexOf(chosen)}: ${text}`;
    if (known.get(range) !== now) touched.push(number);
    known.set(range, now);
    number++;
  }
  return touched;
}

/** Plays a story, and compares each run with a bulk run, and what it computed with what it had to. */
async function play(first: readonly Row[], story: readonly Step[], openStore: (folder: string) => Store): Promise<void> {
  using world = tracksWorld();
  const store = openStore(world.folder);
  const isDurable = store.supports.durable;
  const open = (): Promise<Engine> => createEngine({ jobs: [...tracksJobs], executor: 'inline', store, resume: 'manual' });
  let engine = await open();
  const run = runnerIn(join(world.folder, 'out'));
  const known = new Map<number, string>();
  const versions: Files[] = [];
  let files: Files = [first];
  try {
    for (const { edits, rules: which } of [{ edits: [], rules: story[0]?.rules ?? 0 }, ...story]) {
      for (const one of edits) {
        const before = files;
        files = edited(files, one, versions);
        versions.push(before);
      }
      const chosen = rules[which] as Rules;
      const paths = files.map((rows, number) => world.file(`${number}.csv`, csvOf(rows)));
      const bulk = await world.run(paths, chosen.options);
      const touched = touchedOf(known, files, chosen);
      const found = await run(engine, paths, chosen.options);
      assert.equal(found.outputs, bulk.outputs);
      assert.equal(
        { ...found.report.summary, elapsedMs: 0, chunks: 0, joined: 0 },
        { ...bulk.summary, elapsedMs: 0, chunks: 0, joined: 0 },
      );
      assert.equal(
        [...found.computed].sort((a, b) => a - b),
        touched,
      );
      assert.is(found.report.cached, found.report.summary.chunks - touched.length);
      if (isDurable) {
        await engine.close();
        engine = await open();
      }
    }
  } finally {
    await engine.close();
    rmSync(join(world.folder, 'out'), { recursive: true, force: true });
  }
}

for (const [number, { options }] of rules.entries()) {
  test(
    `give the bytes of a bulk run, and compute the ranges that were touched and their edges: ${JSON.stringify(options)}`,
    () =>
      fc.assert(
        fc.asyncProperty(history, steps([number]), (first, told) => play(first, told, () => memory())),
        { numRuns: 4 },
      ),
    patience,
  );
}

test(
  'do so with rules that change, and in a file, with each run by a host of its own',
  () =>
    fc.assert(
      fc.asyncProperty(history, steps([0, 1, 2, 3]), (first, told) =>
        play(first, told, (folder) => sqlite(join(folder, 'store.db'))),
      ),
      { numRuns: 4 },
    ),
  patience,
);

/** A week at one fix in three minutes. */
const week: readonly Row[] = Array.from({ length: 3_360 }, (_, i) => ({
  seconds: begin + i * 180,
  lat: 47 + (i % 40) / 1_000,
  lon: 8,
  isPoint: true,
}));

test(
  'hold in threads',
  async () => {
    using world = tracksWorld();
    await using engine = await createEngine({ jobs: [...tracksJobs], executor: 'threads', workers: 2, store: memory() });
    const run = runnerIn(join(world.folder, 'out'));
    const path = world.file('week.csv', csvOf(week));
    const options = { ...rules[2]?.options, chunk: '1d' } as const;
    assert.is((await run(engine, [path], options)).computed.size, 8);
    const late = [...week, { seconds: begin + 3 * 86_400, lat: 47.5, lon: 8, isPoint: true }];
    world.file('week.csv', csvOf(late));
    const found = await run(engine, [path], options);
    assert.equal([...found.computed], [3]);
    assert.equal(found.outputs, (await world.run([path], options)).outputs);
  },
  patience,
);

test('keep devices apart', async () => {
  using world = tracksWorld();
  await using engine = await createEngine({ jobs: [...tracksJobs], executor: 'inline', store: memory() });
  const run = runnerIn(join(world.folder, 'out'));
  const lines = week
    .slice(0, 960)
    .flatMap(({ seconds, lat, lon }) => ['ann', 'bob'].map((who) => `${seconds},${lat},${lon},${who}`));
  const write = (rows: readonly string[]): string => world.file('two.csv', ['timestamp,lat,lon,who', ...rows].join('\n'));
  const options = { device: 'who' } as const;
  const path = write(lines);
  const first = await run(engine, [path], options);
  assert.is(first.computed.size, 6);
  // Of bob's second day only.
  write([...lines, `${begin + 86_400},47,8,bob`]);
  const found = await run(engine, [path], options);
  assert.equal([...found.computed], [4]);
  assert.equal(found.outputs, (await world.run([path], options)).outputs);
  // A device that is new moves the others, and changes nothing in them.
  write([...lines, `${begin + 86_400},47,8,bob`, `${begin},47,8,abe`, `${begin + 60},47,8,abe`]);
  const third = await run(engine, [path], options);
  assert.equal([...third.computed], [0]);
  assert.equal(third.outputs, (await world.run([path], options)).outputs);
});

test.run();
