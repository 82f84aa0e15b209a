import type { Group, GroupReport, ItemFailure, Reply, RunHooks, Task } from '../../model/executor.ts';
import { byPlace, withoutUnclonable } from '../worker/without-unclonable.ts';

/**
 * When a group could not be sent to a worker, runs it without the items that are to blame; these fail alone.
 *
 * @param clone - What sends it, and throws.
 * @param run - Runs what is left, with hooks that complete its answers.
 * @returns undefined when all items can be sent: then they are not to blame.
 */
export async function runClonable(
  group: Group,
  hooks: RunHooks,
  clone: (value: unknown) => unknown,
  run: (group: Group, hooks: RunHooks) => Promise<GroupReport>,
): Promise<GroupReport | undefined> {
  const refusedOf = new Map<number, readonly ItemFailure[]>();
  const tasks: Task[] = [];
  const answered: Reply[] = [];
  let isToBlame = false;
  for (const given of group.tasks) {
    if (isSendable(given, clone)) {
      tasks.push(given);
      continue;
    }
    isToBlame = true;
    const { task, refused } = withoutUnclonable(given, clone);
    refusedOf.set(task.number, refused);
    if (task.only?.length === 0) answered.push(nothingRan(given, refused));
    else tasks.push(task);
  }
  if (!isToBlame) return undefined;
  if (answered.length > 0) hooks.onReplies(answered);
  if (tasks.length === 0) return { replies: [] };
  const complete = (reply: Reply): Reply => withFailures(reply, refusedOf.get(reply.number) ?? []);
  const report = await run({ ...group, tasks }, { ...hooks, onReplies: (replies) => hooks.onReplies(replies.map(complete)) });
  return { ...report, replies: report.replies.map(complete) };
}

function isSendable({ input }: Task, clone: (value: unknown) => unknown): boolean {
  try {
    clone(input);
    return true;
  } catch {
    return false;
  }
}

/** The answer for a task that had no item which could run. */
function nothingRan({ number, input }: Task, failures: readonly ItemFailure[]): Reply {
  return { number, items: input.type === 'items' ? input.items.length : 0, output: null, failures, ms: 0 };
}

function withFailures(reply: Reply, refused: readonly ItemFailure[]): Reply {
  if (refused.length === 0 || reply.error) return reply;
  return { ...reply, failures: byPlace([...reply.failures, ...refused]) };
}
