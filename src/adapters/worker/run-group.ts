// The global one may be replaced by work, as fake timers do: its worker would then answer no more.
import { clearImmediate, setImmediate } from 'node:timers';
import { errorInfo } from '../../model/error-info.ts';
import { type ErrorInfo, MillraceError } from '../../model/errors.ts';
import { type Group, namesOf, type Reply, type Task } from '../../model/executor.ts';
import { isInstance } from '../../model/is-instance.ts';
import { LimitPassedError } from './limits.ts';
import { loadWork } from './load-work.ts';
import type { Resources } from './resources.ts';
import { failedReply, runTask } from './run-task.ts';
import type { Runtime, Site, WorkLog } from './site.ts';
import { lazyFolder } from './temp-folder.ts';

/** Batches shorter than this share a turn of the loop: a turn costs as much as some of them. */
const shortMs = 0.1;
/** The longest time without a turn, if the work itself gives none. */
const turnEveryMs = 2;

/** Takes answers that nothing can change any more: the loop had its turn, and no late failure came. `last`: the group has ended with them. */
export type OnSettled = (replies: readonly Reply[], last: boolean) => void;

/** Answers of a group that were not given out yet. */
export interface Unsettled {
  replies: Reply[];
}

/**
 * Runs a group's batches one after another. Ends early when the signal aborts; batches without an answer did not end.
 *
 * A failure that nobody awaits (a rejection after the batch returned) shows at the next turn of the loop. So answers are held
 * back in `unsettled` until then: who hears of a late failure drops them, and it hits the group that it came from.
 */
export async function runGroup(
  group: Group,
  runtime: Runtime,
  resources: Resources,
  onSettled: OnSettled,
  unsettled: Unsettled = { replies: [] },
): Promise<void> {
  runtime.note.prepare();
  const log = logOfTask(runtime.log, group, () => group.tasks[runtime.note.read().task]);
  const prepared = await prepare(group, { ...runtime, log }, resources);
  if (prepared.error) {
    const { error } = prepared;
    runtime.note.endTask();
    await turn();
    if (!runtime.signal.aborted)
      onSettled(
        group.tasks.map((task) => failedReply(task, error)),
        true,
      );
    return;
  }
  try {
    await runTasks(prepared.site, onSettled, unsettled);
  } finally {
    prepared.release();
  }
}

async function runTasks(site: Site, onSettled: OnSettled, unsettled: Unsettled): Promise<void> {
  const { group, note, signal } = site;
  let turnedAt = performance.now();
  let nextTurn: NodeJS.Immediate | undefined;
  const settle = (last: boolean): void => {
    clearImmediate(nextTurn);
    nextTurn = undefined;
    onSettled(unsettled.replies, last);
    unsettled.replies = [];
    turnedAt = performance.now();
  };
  try {
    for (const [index, task] of group.tasks.entries()) {
      if (signal.aborted) return;
      note.startTask(index);
      const reply = await runTask(site, task);
      note.endTask();
      // What fails while it is given up fails because of that.
      if (signal.aborted && (reply.error || reply.failures.length > 0)) return;
      unsettled.replies.push(reply);
      const isLast = index === group.tasks.length - 1;
      if (!isLast && reply.ms < shortMs && performance.now() - turnedAt < turnEveryMs) {
        // Work that waits gives the loop its turn by itself: then what ended before it is not held back.
        nextTurn ??= setImmediate(() => settle(false));
        continue;
      }
      await turn();
      settle(isLast);
    }
  } finally {
    clearImmediate(nextTurn);
  }
}

type Preparation =
  | { readonly error: ErrorInfo }
  | { readonly error?: undefined; readonly site: Site; readonly release: () => void };

/** Loads and sets up. What fails here fails every batch of the group: as `module`, or with what `setup` threw. */
async function prepare(group: Group, runtime: Runtime, resources: Resources): Promise<Preparation> {
  const { signal, log } = runtime;
  try {
    const work = await runtime.wait(loadWork(group.source));
    const { release, settings, resource } = await runtime.wait(resources.use(work, group.settings, { signal, log }));
    return { site: { ...runtime, group, work, settings, resource, tempDir: lazyFolder(group.tempDir) }, release };
  } catch (thrown) {
    return { error: errorInfo(thrown, categoryOf(thrown)) };
  }
}

function categoryOf(thrown: unknown): ErrorInfo['category'] | undefined {
  if (isInstance(thrown, LimitPassedError)) return thrown.passed.category;
  return isInstance(thrown, MillraceError) && thrown.code === 'WORK_MODULE' ? 'module' : undefined;
}

/** Names the batch at work in each line: made once a group, since most work logs nothing. */
function logOfTask(log: WorkLog, group: Group, atWork: () => Task | undefined): WorkLog {
  const facts = (more: object): object => {
    const task = atWork();
    return { ...(task && { taskId: namesOf(group, task).taskId, attempt: task.attempt }), ...more };
  };
  return {
    debug: (more, message) => log.debug(facts(more), message),
    info: (more, message) => log.info(facts(more), message),
    warn: (more, message) => log.warn(facts(more), message),
    error: (more, message) => log.error(facts(more), message),
  };
}

/** Lets the loop run: rejections that nobody awaits are told before this resolves. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
