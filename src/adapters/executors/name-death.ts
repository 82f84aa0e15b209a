import type { ErrorInfo } from '../../model/errors.ts';
import type { Death } from '../../model/executor.ts';
import { describeLimit, type PassedLimit } from '../worker/limits.ts';
import type { NoteReading } from '../worker/note.ts';

/** A passed limit, with the note that showed it: the worker moves on while it is being ended. */
export interface PassedAt extends PassedLimit {
  readonly note: NoteReading;
}

/** How a worker ended, as far as its executor can tell. */
export interface WorkerEnd {
  readonly category: Death['category'];
  readonly message: string;
  readonly cause?: ErrorInfo;
}

/** What is known of the end of a worker, from the surest to the vaguest. */
export interface Ending {
  readonly passed?: PassedLimit;
  /** A failure that nobody awaited. */
  readonly late?: ErrorInfo;
  readonly end: WorkerEnd;
}

/** Says how a worker died, and with what in hand. */
export function nameDeath(ending: Ending, inHand: Pick<Death, 'number' | 'place'>): Death {
  const { category, message, cause } = explain(ending);
  return { category, error: { name: 'WorkerDeath', message, category, ...(cause && { cause }) }, ...inHand };
}

function explain({ passed, late, end }: Ending): WorkerEnd {
  if (passed) return { category: passed.category, message: `${describeLimit(passed)} Its worker was ended.` };
  if (late) {
    return { category: 'exit', message: `A failure that nothing awaited ended the worker: ${late.message}`, cause: late };
  }
  return end;
}
