import { inline } from './adapters/executors/inline.ts';
import { checkThreadsOptions } from './adapters/executors/start-pool.ts';
import { threads } from './adapters/executors/threads.ts';
import { memory } from './adapters/stores/memory.ts';
import type { Engine } from './engine/api.ts';
import { checkEngineOptions } from './engine/check-options.ts';
import { openEngine } from './engine/engine.ts';
import type { EngineOptions } from './engine/options.ts';
import { systemClock } from './model/clock.ts';
import { durationMs } from './model/duration.ts';
import { InvalidOptionError } from './model/errors.ts';
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
  const { workers = 'auto', env = [], workerMemoryMb } = options;
  const heap = workerMemoryMb !== undefined && { workerMemoryMb };
  checkThreadsOptions({ workers, env, ...heap });
  const executor = executorOf(options);
  // The number itself is read, and checked, where the threads are made.
  const threadsOptions = { workers: process.env.MILLRACE_WORKERS ? ('auto' as const) : workers, env, ...heap };
  return openEngine({
    jobs: options.jobs ?? [],
    store: options.store ?? memory(),
    clock: systemClock,
    logger: options.logger ? redactingLogger(options.logger) : silentLogger,
    random: Math.random,
    leaseMs: durationMs(options.lease ?? '30s', 'lease', 1_000),
    graceMs: durationMs(options.grace ?? '20s', 'grace'),
    resume: options.resume ?? 'auto',
    executor,
    executors: (name, slots) => (name === 'inline' ? inline({ slots }) : threads(threadsOptions)),
  });
}

function executorOf({ executor = 'threads' }: EngineOptions): ExecutorName {
  const chosen = executorName(executor, 'executor');
  const { MILLRACE_EXECUTOR: named } = process.env;
  return named ? executorName(named, 'MILLRACE_EXECUTOR') : chosen;
}

function executorName(name: string, option: string): ExecutorName {
  if (name === 'inline' || name === 'threads') return name;
  throw new InvalidOptionError(option, name, "'inline' or 'threads'");
}
