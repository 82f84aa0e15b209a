import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import type { Logger } from '../../model/logger.ts';

/** How long all teardowns together may take. */
const teardownMs = 2_000;
/** How long to wait for threads that were ended earlier. One that is blocked in native code goes on until that returns. */
const exitMs = 1_000;

/** Notes every thread of a pool until it is really gone: a pool forgets a thread as soon as it tells it to end. */
export function trackThreads(pool: Piscina): ReadonlySet<Worker> {
  const alive = new Set<Worker>();
  pool.on('workerCreate', () => {
    for (const thread of pool.threads) {
      if (alive.has(thread)) continue;
      alive.add(thread);
      thread.once('exit', () => alive.delete(thread));
    }
  });
  return alive;
}

/** Lets each idle worker tear down what it set up, then ends them all. */
export async function closePool(pool: Piscina, alive: ReadonlySet<Worker>, log: Logger): Promise<void> {
  // Each of these lands on a worker of its own: a worker takes one request at a time.
  const signal = AbortSignal.timeout(teardownMs);
  const teardowns = Array.from({ length: pool.idleThreads }, () => pool.run({ type: 'teardown' }, { signal }));
  for (const end of await Promise.allSettled(teardowns)) {
    if (end.status === 'rejected') log.error({ error: String(end.reason) }, 'a teardown did not end');
    else if (Array.isArray(end.value)) for (const error of end.value) log.error({ error }, 'a teardown failed');
  }
  await pool.destroy();
  const exits = [...alive].map((thread) => once(thread, 'exit'));
  const late = new AbortController();
  // Rejects when it is called off below: then all have gone in time.
  await Promise.race([Promise.all(exits), setTimeout(exitMs, undefined, { signal: late.signal }).catch(() => undefined)]);
  late.abort();
}
