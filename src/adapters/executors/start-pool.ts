import type { Piscina } from 'piscina';
import { checkWhole } from '../../model/check-option-names.ts';
import { InvalidOptionError } from '../../model/errors.ts';
import type { Recycle } from '../../model/executor.ts';
import { checkRecycle } from './check-recycle.ts';
import { checkWorkers } from './worker-count.ts';

/** Options of {@link threads}. */
export interface ThreadsOptions {
  /** Threads at most. A whole number from 1 to 1,024, or `'auto'`: one per core that free memory allows. */
  workers: number | 'auto';
  /** Names of the only environment variables that workers see; not NODE_OPTIONS. @default none */
  env?: readonly string[];
  /** Heap of a worker, in MB: with more it ends as `oom`. At least 16. @default that of the host */
  workerMemoryMb?: number;
  /** When a worker is put away for a fresh one, after its last answer and its teardowns. @default never */
  recycle?: Recycle;
}

/** Refuses impossible options, naming them. */
export function checkThreadsOptions({ workers, env = [], workerMemoryMb, recycle }: ThreadsOptions): void {
  if (workers !== 'auto') checkWorkers(workers);
  checkWhole(workerMemoryMb, 'workerMemoryMb', 16, 1_048_576);
  if (recycle !== undefined) checkRecycle(recycle);
  if (!Array.isArray(env) || !env.every((name) => typeof name === 'string' && name !== '')) {
    throw new InvalidOptionError('env', env, 'a list of names of environment variables');
  }
  // Threads have the host's options anyway. One that a thread refuses would end the host: Piscina loses the rejection.
  if (env.includes('NODE_OPTIONS')) throw new InvalidOptionError('env', 'NODE_OPTIONS', 'a list of variables that a work reads');
}

/** `.ts` while running from sources, `.js` once built. */
const entry = new URL(`../worker/thread-entry${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** Starts a pool. Its threads start when they are needed, and stay until it is closed: `setup` is not paid twice. */
export async function startPool(workers: number, options: Omit<ThreadsOptions, 'workers'>): Promise<Piscina> {
  const { Piscina } = await import('piscina');
  return new Piscina({
    filename: entry.href,
    name: 'serve',
    minThreads: 0,
    maxThreads: workers,
    idleTimeout: Number.POSITIVE_INFINITY,
    // Two groups in one worker would share its fate.
    concurrentTasksPerWorker: 1,
    // A worker that waits blocked between groups would show late failures in the next group.
    atomics: 'disabled',
    recordTiming: false,
    env: namedVariables(options.env ?? []),
    ...(options.workerMemoryMb !== undefined && { resourceLimits: { maxOldGenerationSizeMb: options.workerMemoryMb } }),
  });
}

function namedVariables(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}
