import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { memory } from '../../../src/adapters/stores/memory.ts';
import { createEngine } from '../../../src/create-engine.ts';
import type { Engine } from '../../../src/engine/api/api.ts';
import type { ExecutorName } from '../../../src/model/job.ts';
import type { Logger } from '../../../src/model/logger.ts';
import type { Store } from '../../../src/model/store.ts';
import { type PollJob, pollJob } from '../../../src/workloads/poll/poll-job.ts';
import { type PollReport, type PollRequest, runPoll } from '../../../src/workloads/poll/run-poll.ts';
import { type VirtualClock, virtualClock } from '../../../src/workloads/virtual-clock.ts';

/** How a poll is run, where it matters. */
export interface How {
  readonly job?: PollJob;
  readonly executor?: ExecutorName;
  readonly workers?: number;
  /** The store and the clock that it goes by; no clock: polls go by the machine's. */
  readonly store?: Store;
  readonly clock?: VirtualClock | undefined;
  readonly signal?: AbortSignal;
  readonly logger?: Logger;
  /** Looks into the engine before it is closed. */
  look?(engine: Engine): Promise<unknown>;
}

/** A folder of the test's own, in which sources are made and outputs are written. */
export interface PollWorld extends Disposable {
  path(name: string): string;
  write(name: string, content: string): string;
  read(name: string): string;
  /** A folder with polls and, below `logs`, files. */
  source(name: string, polls: readonly unknown[], logs?: Readonly<Record<string, string>>): string;
  run(request: Partial<PollRequest>, how?: How): Promise<PollReport>;
  /** Rows of a table, without its heading. */
  rows(name: string): string[][];
}

export function pollWorld(): PollWorld {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-poll-'));
  const world: PollWorld = {
    path: (name) => join(folder, name),
    write(name, content) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    },
    read: (name) => readFileSync(join(folder, name), 'utf8'),
    source(name, polls, logs = {}) {
      world.write(
        `${name}/polls.jsonl`,
        polls.map((poll) => `${typeof poll === 'string' ? poll : JSON.stringify(poll)}\n`).join(''),
      );
      for (const [file, text] of Object.entries(logs)) world.write(`${name}/logs/${file}`, text);
      return join(folder, name);
    },
    async run(request, how = {}) {
      const clock = 'clock' in how ? how.clock : await virtualClock();
      const { job = pollJob(), executor = 'inline', workers = 2, store = memory(clock && { clock }) } = how;
      const engine = await createEngine({ jobs: [job], store, executor, workers, lease: '1d', resume: 'manual' });
      try {
        const asked = { source: join(folder, 'source'), out: join(folder, 'out'), ...(clock && { clock }), ...request };
        const { signal, logger } = how;
        const report = await runPoll(engine, job, asked, { ...(signal && { signal }), ...(logger && { logger }) });
        await how.look?.(engine);
        return report;
      } finally {
        await engine.close();
      }
    },
    rows: (name) =>
      world
        .read(name)
        .split('\n')
        .slice(1, -1)
        .map((line) => line.split('\t')),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
  return world;
}

/** A listing of a log in `logs`. */
export function listing(logId: string, more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return { partnerCode: 'P', aircraftId: 'A', logId, file: `logs/${logId}.igc`, size: 1, ...more };
}

/** A log of so many fixes, a second apart, eastward. */
export function logOf(fixes: number): string {
  const fix = (number: number): string =>
    `B1000${String(number).padStart(2, '0')}4712000N008${String(number).padStart(2, '0')}000EA0050000600\r\n`;
  return `AXXX001\r\nHFDTE010120\r\n${Array.from({ length: fixes }, (_, number) => fix(number)).join('')}`;
}
