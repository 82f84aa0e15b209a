import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Piscina } from 'piscina';
import { loadDriver } from '../src/adapters/stores/sqlite/load-driver.ts';
import { sqlite } from '../src/adapters/stores/sqlite.ts';
import { byCount, createEngine, defineJob, type Engine, memory, workModule } from '../src/index.ts';
import { openBareLoop } from './bare-sqlite.ts';
import { bareTasks, workFile } from './beside.ts';
import { goal } from './goal.ts';
import { compare, figure } from './measure.ts';
import type work from './nothing.work.ts';
import { numberOption } from './options.ts';
import { runSession } from './run-session.ts';
import { withWindow } from './window.ts';

const workers = 2;

const nothing = defineJob(workModule<typeof work>(workFile('nothing.work')), {
  name: 'nothing',
  version: '1',
  source: function* (items: number) {
    for (let item = 0; item < items; item++) yield item;
  },
  chunk: byCount(1),
});

/** What does it cost to track a batch that does nothing, and to keep it in a file? */
export async function run(): Promise<void> {
  const batches = numberOption('batches', 100_000);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  try {
    await overPiscina(batches);
    await overBareWrites(batches, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Against a pool that tracks nothing: one call a task. */
async function overPiscina(batches: number): Promise<void> {
  const engine = await createEngine({ jobs: [nothing], store: memory(), executor: 'threads', workers });
  const pool = new Piscina({ filename: bareTasks, minThreads: workers, maxThreads: workers, env: {} });
  const call = (): Promise<unknown> => pool.run(0, { name: 'nothing' });
  const [many, few] = [Math.ceil(batches / 5), Math.ceil(batches / 20)];
  const measured = await compare(
    `A batch of nothing on ${workers} threads: tracked in memory by the engine, or an untracked call of bare Piscina`,
    {
      'Piscina, 128 in flight': () => withWindow(many, 128, call),
      'Piscina, 1 in flight': () => withWindow(few, 1, call),
      'engine, memory store': () => runSession(engine, nothing, batches, { items: batches }),
    },
    { operations: { 'Piscina, 128 in flight': many, 'Piscina, 1 in flight': few, 'engine, memory store': batches } },
  );
  const ours = measured['engine, memory store'].oneMs;
  console.log(
    `         engine, memory store: ${figure(1 / ours)} thousand batches a second; ${await operationsOf(engine, batches)}`,
  );
  goal('engine over Piscina, 128 in flight', measured['Piscina, 128 in flight'].oneMs / ours, { atLeast: 10 });
  goal('engine over Piscina, 1 in flight', measured['Piscina, 1 in flight'].oneMs / ours, { atLeast: 10 });
  await pool.destroy();
  await engine.close();
}

/** Against the bare writes: the same driver, the same settings of the file. */
async function overBareWrites(batches: number, folder: string): Promise<void> {
  const driver = await loadDriver();
  const store = sqlite(join(folder, 'engine.db'), { driver: driver.name });
  const engine = await createEngine({ jobs: [nothing], store, executor: 'threads', workers });
  const bare = openBareLoop(driver, join(folder, 'bare.db'));
  const measured = await compare(
    `A batch of nothing in a file (${driver.name}, WAL, synchronous NORMAL): the engine, or a loop of its three writes, 1,000 rows a transaction`,
    {
      'three writes': () => bare.write(batches),
      'engine, SQLite': () => runSession(engine, nothing, batches, { items: batches, keep: true }),
    },
    { operations: batches },
  );
  const ours = measured['engine, SQLite'].oneMs;
  console.log(`         engine, SQLite: ${figure(1 / ours)} thousand batches a second; ${await operationsOf(engine, batches)}`);
  goal('engine over the three bare writes', measured['three writes'].oneMs / ours, { atLeast: 0.6 });
  bare.close();
  await engine.close();
}

/** What the store does for one batch: counted, not timed. */
async function operationsOf(engine: Engine, batches: number): Promise<string> {
  const before = engine.store.operations();
  await runSession(engine, nothing, batches, { items: batches, keep: true });
  const after = engine.store.operations();
  const each = (count: number): string => figure(count / batches);
  return `${each(after.rowsWritten - before.rowsWritten)} rows and ${each(after.transactions - before.transactions)} transactions a batch`;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await run();
