import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createEngine, type Engine, sqlite } from '../src/index.ts';
import { workFile } from './beside.ts';
import { type Failure, machineMs } from './failing.ts';
import { failing } from './failing-job.ts';
import { goalMs } from './goal.ts';
import { figure, median } from './measure.ts';
import { numberOption } from './options.ts';

const timeoutMs = 300;

/** How long until the host knows, and has recorded, that something went wrong, while something else keeps every core busy? */
export async function run(): Promise<void> {
  const rounds = numberOption('rounds', 15);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const busy = cpus().map(() => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
  try {
    await delay(1_000);
    console.log(
      `\nFrom the fault to its record, every core busy (medians of ${rounds}, node ${process.version}, ${cpus().length} cores)`,
    );
    for (const executor of ['threads', 'processes'] as const) {
      const engine = await createEngine({ jobs: [failing], executor, workers: 1 });
      const within = async (name: string, failure: Failure, atMost: number): Promise<void> =>
        tell(
          `${executor}: ${name}`,
          await repeat(rounds, (round) => failOnce(engine, executor, failure, join(folder, `${executor}-${failure}-${round}`))),
          atMost,
        );
      await within('throw', 'throw', 100);
      await within('exit', 'exit', 100);
      if (executor === 'processes') await within('crash', 'crash', 250);
      await within('timeout, beyond its limit', 'spin', 250);
      await engine.close();
    }
    tell('host death, from the next start', await repeat(rounds, (round) => dieOnce(join(folder, `host-${round}`))), 1_000);
  } finally {
    for (const process of busy) process.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function repeat(rounds: number, once: (round: number) => Promise<number>): Promise<readonly number[]> {
  await once(-1);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await once(round));
  return times;
}

function tell(what: string, times: readonly number[], atMost: number): void {
  goalMs(what, median(times), atMost);
  console.log(`         slowest ${figure(Math.max(...times))} ms, load average ${loadavg().map(figure).join(' ')}`);
}

/** From the moment that the work noted to the first event that tells of it, which comes after its record. */
async function failOnce(engine: Engine, executor: 'threads' | 'processes', failure: Failure, noteIn: string): Promise<number> {
  const limit = failure === 'spin' ? { timeout: timeoutMs } : {};
  const session = await engine.start(failing, { failure, noteIn }, { executor, ...limit });
  let foundAt = Number.NaN;
  for await (const { type } of session.events()) {
    if (type !== 'batch.failed' && type !== 'batch.crashed' && type !== 'batch.released') continue;
    foundAt = machineMs();
    break;
  }
  await session.outcome();
  return foundAt - notedIn(noteIn) - (failure === 'spin' ? timeoutMs : 0);
}

/** From the start of a host to the moment in which it has the session of one that was killed. */
async function dieOnce(place: string): Promise<number> {
  const store = `${place}.db`;
  const host = spawn(process.execPath, [fileURLToPath(workFile('failing-host')), store, place], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await begun(host, place);
  const died = once(host, 'exit');
  host.kill('SIGKILL');
  await died;
  const startedAt = machineMs();
  const engine = await createEngine({ jobs: [failing], store: sqlite(store), executor: 'threads', workers: 1, resume: 'manual' });
  const { resumed } = await engine.resume();
  const foundAt = machineMs();
  if (resumed.length !== 1) throw new Error(`${resumed.length} sessions were resumed after the death of their host.`);
  await resumed[0]?.cancel('measured');
  await engine.close();
  return foundAt - startedAt;
}

async function begun(host: ChildProcess, noteIn: string): Promise<void> {
  while (!existsSync(noteIn)) {
    if (host.exitCode !== null) throw new Error('The host ended before its work had begun.');
    await delay(10);
  }
}

/** When the work noted first that it goes wrong now. */
function notedIn(file: string): number {
  return Number(readFileSync(file, 'utf8').split('\n')[0]);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await run();
