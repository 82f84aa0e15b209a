import { errorInfo } from '../../model/error-info.ts';
import type { Reply, Task } from '../../model/executor.ts';
import { failedReply } from '../worker/run-task.ts';

/** Tasks that can travel to a worker, and answers for those that can't. */
export interface SplitTasks {
  readonly clonable: readonly Task[];
  readonly refused: readonly Reply[];
}

/**
 * When a group could not be sent to a worker, finds the batches whose items are to blame: functions, symbols, proxies.
 *
 * @param clone - What sends it, and throws.
 */
export function splitByClone(tasks: readonly Task[], clone: (value: unknown) => unknown): SplitTasks {
  const clonable: Task[] = [];
  const refused: Reply[] = [];
  for (const task of tasks) {
    const why = refusal(task, clone);
    if (why === undefined) clonable.push(task);
    else refused.push(failedReply(task, errorInfo(why, 'unserializable')));
  }
  return { clonable, refused };
}

function refusal({ input }: Task, clone: (value: unknown) => unknown): unknown {
  try {
    clone(input);
    return undefined;
  } catch (thrown) {
    return thrown ?? new Error('The items cannot be cloned.');
  }
}
