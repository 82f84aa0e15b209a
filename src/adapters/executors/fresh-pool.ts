import type { Piscina } from 'piscina';
import { errorInfo } from '../../model/error-info.ts';
import type { Logger } from '../../model/logger.ts';
import { closePool, trackThreads } from './close-pool.ts';
import { startPool, type ThreadsOptions } from './start-pool.ts';

/** Runs with a pool of one thread that has run nothing before, and ends it afterwards: its teardowns first. */
export async function withFreshPool<T>(options: ThreadsOptions, log: Logger, body: (pool: Piscina) => Promise<T>): Promise<T> {
  const pool = await startPool(1, options);
  const alive = trackThreads(pool);
  pool.on('error', (thrown: unknown) => log.error({ error: errorInfo(thrown) }, 'a worker died without a group in hand'));
  try {
    return await body(pool);
  } finally {
    await closePool(pool, alive, log);
  }
}
