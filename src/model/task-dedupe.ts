import type { SessionId } from './ids.ts';
import type { BatchState } from './moves.ts';

/**
 * What makes a batch with a task id a duplicate: there is one of the same task id, enqueued less than `windowMs` ago by the store's
 * clock (exactly that long ago is too long), which is in one of the states and no duplicate itself.
 *
 * A duplicate is recorded, since chunks tile the input, and never run: it is `cancelled` at once with an error of the code
 * `DUPLICATE_TASK`, whose details name the original, and its items count as cancelled and as duplicate.
 */
export interface TaskDedupe {
  readonly windowMs: number;
  readonly states: readonly BatchState[];
}

/** A batch that was enqueued and is not run. */
export interface DuplicateTask {
  readonly number: number;
  readonly taskId: string;
  /** The newest batch that has the task. */
  readonly of: { readonly sessionId: SessionId; readonly number: number };
}
