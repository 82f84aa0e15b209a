import { createEngine } from '../../src/create-engine.ts';
import type { Engine } from '../../src/engine/api/api.ts';
import type { AnyJob, ExecutorName } from '../../src/model/job.ts';
import type { Store } from '../../src/model/store.ts';

/** Every way to run work that the corpus is tried on. */
export const executorNames = ['inline', 'threads', 'processes'] as const satisfies readonly ExecutorName[];

/** Runs with a host as its users have it, on one worker. */
export async function withEngine<T>(
  jobs: readonly AnyJob[],
  executor: (typeof executorNames)[number],
  body: (engine: Engine) => Promise<T>,
  store?: Store,
): Promise<T> {
  const engine = await createEngine({ jobs, executor, workers: 1, grace: 0, ...(store && { store }) });
  try {
    return await body(engine);
  } finally {
    await engine.close();
  }
}
