import { setMaxListeners } from 'node:events';
import { availableParallelism, freemem } from 'node:os';
import type { Worker } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import { errorInfo } from '../../model/error-info.ts';
import { MillraceError } from '../../model/errors.ts';
import type { Executor, Group, GroupReport, Recycle, RunHooks } from '../../model/executor.ts';
import { type Logger, silentLogger } from '../../model/logger.ts';
import type { WorkSource } from '../../model/work.ts';
import { failedReply } from '../worker/run-task.ts';
import { closePool, trackThreads } from './close-pool.ts';
import { closedError } from './closed-error.ts';
import { dispatchGroup } from './dispatch-group.ts';
import { follow } from './follow.ts';
import { withFreshPool } from './fresh-pool.ts';
import { openGate } from './gate.ts';
import { givenUp } from './given-up.ts';
import { preflight } from './preflight.ts';
import { runClonable } from './run-clonable.ts';
import { startAgain } from './start-again.ts';
import { checkThreadsOptions, startPool, type ThreadsOptions } from './start-pool.ts';
import { workersAuto } from './worker-count.ts';

interface OpenPool {
  readonly pool: Piscina;
  /** Its threads that are not gone yet. */
  readonly alive: ReadonlySet<Worker>;
}

/**
 * Runs groups in worker threads, by Piscina. Threads start when first needed, and each keeps what `setup` made until the end.
 *
 * A thread that blocks, leaves or runs out of memory is replaced, and only its own group suffers. A native crash, a signal to
 * the process, or one huge allocation ends the host with it.
 *
 * @throws InvalidOptionError for impossible options, or when `MILLRACE_WORKERS` is no number.
 */
export function threads(options: ThreadsOptions): Executor {
  checkThreadsOptions(options);
  const slots =
    options.workers === 'auto'
      ? workersAuto({ cpus: availableParallelism(), freeMemory: freemem(), env: process.env })
      : options.workers;
  const gate = openGate(slots);
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();
  let log: Logger = silentLogger;
  let starting: Promise<OpenPool> | undefined;

  const open = async (): Promise<OpenPool> => {
    const pool = await startPool(slots, options);
    // Every group at work listens for threads that can't start.
    setMaxListeners(0, pool);
    pool.on('error', (thrown: unknown) => log.error({ error: errorInfo(thrown) }, 'a worker died without a group in hand'));
    return { pool, alive: trackThreads(pool) };
  };

  /** Runs with the pool, through the gate, unless given up; `close` waits for it. */
  const withPool = async <T>(
    signal: AbortSignal | undefined,
    body: (pool: Piscina, signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    if (closing.signal.aborted) throw closedError('threads');
    const followed = follow(signal ? [signal, closing.signal] : [closing.signal]);
    starting ??= open();
    const { pool } = await starting;
    const run = gate.through(() => body(pool, followed.signal), followed.signal).finally(followed.release);
    running.add(run);
    return run.finally(() => running.delete(run));
  };

  return {
    name: 'threads',
    slots,
    supports: { kill: true },
    load: (source) => withPool(undefined, (pool, signal) => preflight(pool, moduleOf(source), signal)),
    run(group, hooks) {
      log = hooks.log;
      const runIn = (pool: Piscina, signal: AbortSignal): Promise<GroupReport> =>
        runInThread(pool, group, { ...hooks, signal }, options.recycle);
      if (!group.fresh) return withPool(hooks.signal, runIn);
      return withPool(hooks.signal, (_, signal) => withFreshPool(options, log, (pool) => runIn(pool, signal)));
    },
    async close() {
      if (closing.signal.aborted) return;
      closing.abort(closedError('threads'));
      await Promise.allSettled(running);
      if (!starting) return;
      const { pool, alive } = await starting;
      await closePool(pool, alive, log);
    },
  };
}

async function runInThread(pool: Piscina, group: Group, hooks: RunHooks, recycle?: Recycle): Promise<GroupReport> {
  if (hooks.signal.aborted) return { replies: [], death: givenUp(hooks.signal.reason) };
  if (group.source.type === 'in-place')
    return { replies: group.tasks.map((task) => failedReply(task, errorInfo(inPlaceError(), 'module'))) };
  return startAgain(hooks.signal, async () => {
    const dispatched = await dispatchGroup(pool, group, hooks, recycle);
    if (dispatched.type === 'ended') return dispatched.report;
    const report = await runClonable(group, hooks, structuredClone, (left, own) => runInThread(pool, left, own, recycle));
    return report ?? { thrown: dispatched.thrown };
  });
}

function moduleOf(source: WorkSource): Extract<WorkSource, { type: 'module' }> {
  if (source.type === 'module') return source;
  throw inPlaceError();
}

function inPlaceError(): MillraceError {
  return new MillraceError(
    'WORK_MODULE',
    "Work in place can't run in threads: functions of the host don't leave it. Put the work into a module (workModule), or use executor 'inline'.",
  );
}
