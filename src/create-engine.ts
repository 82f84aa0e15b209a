import { inline } from './adapters/executors/inline.ts';
import { processes } from './adapters/executors/processes.ts';
import { checkThreadsOptions, type ThreadsOptions } from './adapters/executors/start-pool.ts';
import { threads } from './adapters/executors/threads.ts';
import { type HostFolder, openHostFolder } from './adapters/host-folder/open-host-folder.ts';
import { memory } from './adapters/stores/memory.ts';
import type { Engine } from './engine/api/api.ts';
import { checkEngineOptions } from './engine/api/check-options.ts';
import type { EngineOptions } from './engine/api/options.ts';
import { type EngineParts, openEngine } from './engine/engine.ts';
import { systemClock } from './model/clock.ts';
import { durationMs } from './model/duration.ts';
import { InvalidOptionError } from './model/errors.ts';
import type { Executor } from './model/executor.ts';
import type { ExecutorName } from './model/job.ts';
import { silentLogger } from './model/logger.ts';
import { redactingLogger } from './model/redact.ts';

/**
 * Makes the batch engine of this host: opens the store, takes a lease, and resumes sessions that a dead host left behind.
 *
 * Installs no signal handlers: call `close()`, or declare it with `await using`.
 *
 * @example
 * ```ts
 * const engine = await createEngine({ jobs: [wordCount], store: sqlite('runs.db') });
 * const outcome = await engine.run(wordCount, { file: 'big.txt' });
 * await engine.close();
 * ```
 * @throws MillraceError `INVALID_OPTION`, `DUPLICATE_JOB`, `DRIVER_MISSING`, `STORE_VERSION`.
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  checkEngineOptions(options);
  const given = workerOptions(options);
  checkThreadsOptions(given);
  const { lease = '30s', grace = '20s' } = options;
  const leaseMs = durationMs(lease, 'lease', 1_000);
  const graceMs = durationMs(grace, 'grace');
  const executor = executorOf(options);
  // The number itself is read, and checked, where the workers are made.
  const workers = process.env.MILLRACE_WORKERS ? { ...given, workers: 'auto' as const } : given;
  const logger = options.logger ? redactingLogger(options.logger) : silentLogger;
  const folder = await openHostFolder(logger);
  const parts: EngineParts = {
    jobs: options.jobs ?? [],
    store: options.store ?? memory(),
    clock: systemClock,
    logger,
    random: Math.random,
    leaseMs,
    graceMs,
    pruneEveryMs: 60_000,
    resume: options.resume ?? 'auto',
    executor,
    executors: (name, slots) => openExecutor(name, slots, workers, folder),
    residue: folder,
    ...(options.notify && { notify: options.notify }),
    ...(options.alerts && { alerts: options.alerts }),
  };
  try {
    return await openEngine(parts);
  } catch (thrown) {
    await folder.close();
    throw thrown;
  }
}

function workerOptions({ workers = 'auto', env = [], workerMemoryMb, recycle }: EngineOptions): ThreadsOptions {
  return { workers, env, ...(workerMemoryMb !== undefined && { workerMemoryMb }), ...(recycle && { recycle }) };
}

function openExecutor(name: ExecutorName, slots: number, workers: ThreadsOptions, { locks }: HostFolder): Executor {
  switch (name) {
    case 'inline':
      return inline({ slots });
    case 'threads':
      return threads(workers);
    case 'processes':
      return processes({ ...workers, ...(locks !== undefined && { folder: locks }) });
    default:
      return name satisfies never;
  }
}

function executorOf({ executor = 'threads' }: EngineOptions): ExecutorName {
  const chosen = executorName(executor, 'executor');
  const { MILLRACE_EXECUTOR: named } = process.env;
  return named ? executorName(named, 'MILLRACE_EXECUTOR') : chosen;
}

function executorName(name: string, option: string): ExecutorName {
  if (name === 'inline' || name === 'threads' || name === 'processes') return name;
  throw new InvalidOptionError(option, name, "'inline', 'threads' or 'processes'");
}
