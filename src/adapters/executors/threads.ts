import { setMaxListeners } from 'node:events';
import type { Worker } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import { errorInfo } from '../../model/error-info.ts';
import type { Executor, Group, GroupReport, Recycle, RunHooks } from '../../model/executor.ts';
import { type Logger, silentLogger } from '../../model/logger.ts';
import type { WorkSource } from '../../model/work.ts';
import { closePool, trackThreads } from './close-pool.ts';
import { dispatchGroup } from './dispatch-group.ts';
import { withFreshPool } from './fresh-pool.ts';
import { givenUp } from './given-up.ts';
import { preflight } from './preflight.ts';
import { runClonable } from './run-clonable.ts';
import { startAgain } from './start-again.ts';
import { checkThreadsOptions, startPool, type ThreadsOptions } from './start-pool.ts';
import { openTurnstile } from './turnstile.ts';
import { inPlaceError, refuseInPlace } from './work-in-place.ts';
import { workersOf } from './worker-count.ts';

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
  const slots = workersOf(options.workers);
  const turnstile = openTurnstile('threads', slots);
  let log: Logger = silentLogger;
  let starting: Promise<OpenPool> | undefined;

  const open = async (): Promise<OpenPool> => {
    const pool = await startPool(slots, options);
    // Every group at work listens for threads that can't start.
    setMaxListeners(0, pool);
    pool.on('error', (thrown: unknown) => log.error({ error: errorInfo(thrown) }, 'a worker died without a group in hand'));
    return { pool, alive: trackThreads(pool) };
  };

  const withPool = <T>(signal: AbortSignal | undefined, body: (pool: Piscina, signal: AbortSignal) => Promise<T>): Promise<T> =>
    turnstile.through(signal, async (followed) => {
      starting ??= open();
      const { pool } = await starting;
      return body(pool, followed);
    });

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
      if (!(await turnstile.close()) || !starting) return;
      const { pool, alive } = await starting;
      await closePool(pool, alive, log);
    },
  };
}

async function runInThread(pool: Piscina, group: Group, hooks: RunHooks, recycle?: Recycle): Promise<GroupReport> {
  if (hooks.signal.aborted) return { replies: [], death: givenUp(hooks.signal.reason) };
  if (group.source.type === 'in-place') return refuseInPlace(group, 'threads');
  return startAgain(hooks.signal, async () => {
    const dispatched = await dispatchGroup(pool, group, hooks, recycle);
    if (dispatched.type === 'ended') return dispatched.report;
    const report = await runClonable(group, hooks, structuredClone, (left, own) => runInThread(pool, left, own, recycle));
    return report ?? { thrown: dispatched.thrown };
  });
}

function moduleOf(source: WorkSource): Extract<WorkSource, { type: 'module' }> {
  if (source.type === 'module') return source;
  throw inPlaceError('threads');
}
