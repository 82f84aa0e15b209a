import { inline } from '../adapters/executors/inline.ts';
import { memory } from '../adapters/stores/memory.ts';
import { openEngine } from '../engine/engine.ts';
import { systemClock } from '../model/clock.ts';
import type { Job } from '../model/job.ts';
import { silentLogger } from '../model/logger.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Random } from './random.ts';
import { unruly } from './unruly-executor.ts';

/** A run of an engine that was made difficult. */
export interface UnrulyRun {
  readonly outcome: Outcome<unknown>;
  /** Chunk numbers of the batches that had to run twice, ascending. */
  readonly repeated: readonly number[];
}

/** Most attempts that a policy may ask for. */
const mostAttempts = 1_000;

/** Runs a job in a real engine, with so many batches at once on this thread, in an order and with failures that `random` chooses. */
export async function runInEngine(
  job: Job<unknown, unknown, unknown>,
  input: unknown,
  workers: number,
  random: Random,
): Promise<UnrulyRun> {
  const repeated: number[] = [];
  const { attempts = 3 } = job.definition.retry ?? {};
  const engine = await openEngine({
    jobs: [job],
    store: memory(),
    clock: systemClock,
    logger: silentLogger,
    random: () => 0,
    leaseMs: 60_000,
    graceMs: 0,
    resume: 'manual',
    executor: 'inline',
    executors: () => unruly(inline({ slots: workers }), random, (number) => repeated.push(number)),
  });
  try {
    // One attempt more than the job allows: the one that is lost here must not use up what its own failures may need.
    const retry = { attempts: Math.min(attempts + 1, mostAttempts), backoff: { base: 0 } };
    const outcome = await engine.run(job, input, { retry });
    return { outcome, repeated: repeated.sort((left, right) => left - right) };
  } finally {
    await engine.close();
  }
}
