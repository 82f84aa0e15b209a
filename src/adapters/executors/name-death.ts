import { errorInfo } from '../../model/error-info.ts';
import type { ErrorInfo } from '../../model/errors.ts';
import type { Death } from '../../model/executor.ts';
import { describeLimit, type PassedLimit } from '../worker/limits.ts';
import type { NoteReading } from '../worker/note.ts';

/** A passed limit, with the note that showed it: the worker moves on while it is being ended. */
export interface PassedAt extends PassedLimit {
  readonly note: NoteReading;
}

/** What is known of the end of a worker, from the surest to the vaguest. */
export interface Ending {
  readonly passed?: PassedLimit;
  /** A failure that nobody awaited. */
  readonly late?: ErrorInfo;
  /** What the pool rejected with. */
  readonly thrown: unknown;
}

/** Says how a worker died, and with what in hand. */
export function nameDeath(ending: Ending, inHand: Pick<Death, 'number' | 'place'>): Death {
  const { category, message, cause } = explain(ending);
  return { category, error: { name: 'WorkerDeath', message, category, ...(cause && { cause }) }, ...inHand };
}

interface Explanation {
  readonly category: Death['category'];
  readonly message: string;
  readonly cause?: ErrorInfo;
}

function explain({ passed, late, thrown }: Ending): Explanation {
  if (passed) return { category: passed.category, message: `${describeLimit(passed)} Its worker was ended.` };
  if (late) {
    return { category: 'exit', message: `A failure that nothing awaited ended the worker: ${late.message}`, cause: late };
  }
  const cause = errorInfo(thrown);
  if (cause.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return { category: 'oom', message: 'The worker ran out of memory (option workerMemoryMb).', cause };
  }
  // Piscina gives the code in the message only.
  const exit = /^worker exited with code: (\d+)$/.exec(cause.message);
  if (exit) return { category: 'exit', message: `The worker left with exit code ${exit[1]}: the work called process.exit.` };
  return { category: 'lost', message: `The worker ended without a word: ${cause.message}`, cause };
}
