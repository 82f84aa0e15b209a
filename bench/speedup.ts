import { pathToFileURL } from 'node:url';
import { Piscina } from 'piscina';
import { byCount, createEngine, defineJob, type Engine, workModule } from '../src/index.ts';
import { bareTasks, workFile } from './beside.ts';
import { burn, roundsPerMs } from './burn.ts';
import type work from './burn.work.ts';
import { goal } from './goal.ts';
import { compare } from './measure.ts';
import { runSession } from './run-session.ts';
import { withWindow } from './window.ts';

const workers = 2;

interface Burning {
  readonly chunks: number;
  readonly rounds: number;
}

const burning = defineJob(workModule<typeof work>(workFile('burn.work')), {
  name: 'burning',
  version: '1',
  source: function* ({ chunks, rounds }: Burning) {
    for (let chunk = 0; chunk < chunks; chunk++) yield rounds;
  },
  chunk: byCount(1),
});

/** How much faster are chunks of CPU work on two workers than one after another, and what of that does the engine take? */
export async function run(): Promise<void> {
  const perMs = roundsPerMs();
  const engine = await createEngine({ jobs: [burning], executor: 'threads', workers });
  const pool = new Piscina({ filename: bareTasks, minThreads: workers, maxThreads: workers, env: {} });
  try {
    for (const [ms, chunks] of [
      [0.1, 5_000],
      [1, 1_000],
      [10, 160],
      [50, 40],
    ] as const) {
      await chunksOf(ms, { chunks, rounds: Math.round(perMs * ms) }, engine, pool);
    }
  } finally {
    await pool.destroy();
    await engine.close();
  }
}

async function chunksOf(ms: number, input: Burning, engine: Engine, pool: Piscina): Promise<void> {
  const measured = await compare(
    `${input.chunks.toLocaleString('en')} chunks of ${ms} ms CPU on ${workers} workers`,
    {
      'one after another': () => {
        for (let chunk = 0; chunk < input.chunks; chunk++) burn(input.rounds);
      },
      'bare Piscina': () => withWindow(input.chunks, 2 * workers, () => pool.run(input.rounds, { name: 'burn' })),
      'engine, memory store': () => runSession(engine, burning, input, { items: input.chunks }),
    },
    { operations: input.chunks },
  );
  const { 'one after another': inline, 'bare Piscina': bare, 'engine, memory store': ours } = measured;
  const speedUp = inline.wallMs / ours.wallMs;
  if (ms < 1) goal(`engine over one after another, ${ms} ms`, speedUp, { atLeast: 1.6 });
  else console.log(`         engine over one after another, ${ms} ms: ${speedUp.toFixed(2)}x`);
  if (ms >= 10) goal(`engine over bare Piscina, ${ms} ms`, bare.wallMs / ours.wallMs, { atLeast: 0.95 });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await run();
