import type { Payload } from './codec.ts';
import type { Category, ErrorInfo } from './errors.ts';
import { executionIdOf, type SessionId } from './ids.ts';
import type { Logger } from './logger.ts';
import type { Limits, WorkSource } from './work.ts';

/**
 * Runs groups of batches somewhere: on the host's loop, in threads, in processes.
 *
 * A group's batches run one after another in one worker. `run` answers for every way of ending, a dead worker included;
 * it rejects only when the executor was closed.
 */
export interface Executor {
  readonly name: string;
  /** How many groups can be at work at once. */
  readonly slots: number;
  readonly supports: {
    /** Whether it can end a group that does not end by itself: only then do time limits hold for code that blocks. */
    readonly kill: boolean;
  };
  /**
   * Loads the work once, as a pre-flight.
   * @throws MillraceError `WORK_MODULE` with the cause, when it can't be loaded or is no work.
   */
  load(source: WorkSource): Promise<WorkShape>;
  /** Runs a group. `onReplies` gets the answers that are there before the group's end; the report does not repeat them. */
  run(group: Group, hooks: RunHooks): Promise<GroupReport>;
  /** Ends the workers. What still runs is given up. */
  close(): Promise<void>;
}

/** When a worker is put away for a fresh one, however well it works: for libraries that leak. */
export interface Recycle {
  /** Batches that a worker may run. A whole number from 1. @default no limit */
  readonly batches?: number;
  /** Memory in MB: of the whole process for processes, heap and buffers for threads. A whole number from 16. @default no limit */
  readonly memoryMb?: number;
}

/** What the host must know of a work that it does not load itself. */
export interface WorkShape {
  readonly kind: 'each' | 'chunk';
  /** Whether the work reads items out of a slice. */
  readonly reads: boolean;
}

/** What the host hands in with a group. */
export interface RunHooks {
  /** Gives the group up: what runs is ended, if the executor can. */
  readonly signal: AbortSignal;
  onReplies(replies: readonly Reply[]): void;
  readonly log: Logger;
}

/** Batches of one session that travel together. */
export interface Group {
  readonly source: WorkSource;
  readonly sessionId: SessionId;
  readonly settings: Payload | null;
  readonly limits: Limits;
  /** A folder that the session's work may use. Not made before it is asked for. */
  readonly tempDir: string;
  /** What a batch's task id begins with; its number follows. Unless the task has its own. */
  readonly taskPrefix: string;
  /**
   * Run in a worker that has run nothing before and is put away afterwards. It is held until its loop is quiet, so that a
   * late failure hits this group. An executor that can't end a worker (`supports.kill`) runs it like any other.
   */
  readonly fresh?: boolean;
  readonly tasks: readonly Task[];
}

/**
 * A batch's natural key and the id of its present enqueue: made where they are needed, since to send
 * both texts with each task took a third of the host's time for batches that do little.
 */
export function namesOf(group: Pick<Group, 'sessionId' | 'taskPrefix'>, task: Pick<Task, 'number' | 'taskId'>): TaskNames {
  return {
    taskId: task.taskId ?? `${group.taskPrefix}${task.number}`,
    executionId: executionIdOf(group.sessionId, task.number),
  };
}

export interface TaskNames {
  readonly taskId: string;
  readonly executionId: string;
}

/** One batch to run. */
export interface Task {
  /** The chunk's number. */
  readonly number: number;
  /** Given by the job; null: the group's prefix and the number. */
  readonly taskId: string | null;
  readonly attempt: number;
  readonly input: TaskInput;
  /** Places (from 0) of the only items to run, ascending. Absent: all. */
  readonly only?: readonly number[];
}

export type TaskInput =
  | {
      readonly type: 'items';
      readonly items: readonly unknown[];
      readonly before: readonly unknown[];
      readonly after: readonly unknown[];
    }
  | { readonly type: 'slice'; readonly slice: Payload };

/**
 * How one batch ended in its worker.
 *
 * With `each` work: `output` is the encoded list of what the good items returned, `places` their places where not all are there.
 * With `chunk` work: `output` is what it returned. An item or chunk that returned `undefined` has no output.
 */
export interface Reply {
  readonly number: number;
  /** How many items the batch holds: known here first when the worker reads its slice. */
  readonly items: number;
  /** Hash of the items that the worker read out of its slice, once it has read all of them. */
  readonly hash?: string;
  readonly output: Payload | null;
  /** `each`: places of the items behind `output`, ascending. Absent: every item, in order. */
  readonly places?: readonly number[];
  /** Items that failed alone. */
  readonly failures: readonly ItemFailure[];
  /** The whole batch failed: nothing of it counts. */
  readonly error?: ErrorInfo;
  readonly counters?: Readonly<Record<string, number>>;
  readonly ms: number;
}

export interface ItemFailure {
  readonly place: number;
  readonly error: ErrorInfo;
}

/** How a group ended: the answers not yet given, and, when its worker died, how. Batches without an answer did not end. */
export interface GroupReport {
  readonly replies: readonly Reply[];
  readonly death?: Death;
}

/** The end of a worker with work in hand. */
export interface Death {
  readonly category: Extract<Category, 'timeout' | 'stalled' | 'exit' | 'oom' | 'signal' | 'module' | 'lost'>;
  readonly error: ErrorInfo;
  /** The batch that was at work, if the note of it outlived the worker. */
  readonly number?: number;
  /** The item in hand, by its place: a suspicion, no more. */
  readonly place?: number;
  /** Set when the host itself gave the group up (cancel, close): nobody is to blame. */
  readonly givenUp?: boolean;
}
