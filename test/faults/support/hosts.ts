import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { ExecutorName } from '../../../src/model/job.ts';
import type { Outcome } from '../../../src/model/outcome.ts';
import type { dyingJobs } from '../../fixtures/dying-jobs.ts';

const hostFile = fileURLToPath(new URL('../../fixtures/dying-host.ts', import.meta.url));

/** What a host is to run. */
export interface Order {
  readonly file: string;
  readonly executor: ExecutorName;
  readonly job: keyof typeof dyingJobs;
  readonly input: unknown;
}

/** A host in a process of its own. */
export interface HostProcess {
  readonly process: ChildProcess;
  /** What it printed before it ended; undefined when it died. */
  readonly outcome: Promise<Outcome<unknown> | undefined>;
}

/** Starts a host. */
export function startHost({ file, executor, job, input }: Order): HostProcess {
  const args = ['--import', 'tsx', hostFile, file, executor, job, JSON.stringify(input)];
  const host = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const printed = text(host.stdout);
  const outcome = once(host, 'exit').then(async ([code]) =>
    code === 0 ? (JSON.parse(await printed) as Outcome<unknown>) : undefined,
  );
  return { process: host, outcome };
}

/** Hosts on one store, one after another, until one lives to the end. Answers how many died before. */
export async function hostAfterHost(order: Order, most: number): Promise<{ outcome: Outcome<unknown>; deaths: number }> {
  for (let deaths = 0; deaths <= most; deaths++) {
    const outcome = await startHost(order).outcome;
    if (outcome) return { outcome, deaths };
  }
  throw new Error(`More than ${most} hosts died.`);
}
