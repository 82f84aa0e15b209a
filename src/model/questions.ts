import type { Category, ErrorInfo } from './errors.ts';
import type { OwnerId, SessionId, Timestamp } from './ids.ts';
import type { BatchState, SessionState } from './moves.ts';
import type { NotificationRecord } from './notifications.ts';

/** Where to look: in one session, or in all of them from a moment on. */
export type Within =
  | { readonly sessionId: SessionId; readonly since?: never }
  | { readonly since: Timestamp; readonly sessionId?: never };

/** A batch in an answer, with its session's job and key. */
export interface FoundBatch {
  readonly sessionId: SessionId;
  readonly job: string;
  readonly key: string;
  readonly number: number;
  /** The task id that the job gave; null: `job:key#number`. */
  readonly taskId: string | null;
  readonly state: BatchState;
  /** Position of the core's first item. */
  readonly first: number;
  readonly items: number;
  readonly attempt: number;
  /** Work of the completed attempt, in milliseconds. */
  readonly ms: number | null;
  readonly enqueuedAt: Timestamp;
  readonly claimedAt: Timestamp | null;
  readonly endedAt: Timestamp | null;
  readonly error: ErrorInfo | null;
}

/** A batch that crashed: as it stands now, whatever became of it, with its newest crash. */
export interface CrashedBatch extends FoundBatch {
  readonly crash: {
    /** How often it crashed, as far as was looked. */
    readonly times: number;
    /** When the attempt that crashed last was claimed, and when it ended. */
    readonly startedAt: Timestamp;
    readonly endedAt: Timestamp;
    readonly error: ErrorInfo | null;
  };
}

/** A batch that runs. */
export interface RunningBatch extends FoundBatch {
  readonly owner: OwnerId | null;
  /** Its owner's lease has run out: nobody will end it, until a host takes it up. */
  readonly lost: boolean;
}

/** Failures that say the same: numbers, ids and paths of their messages do not count. */
export interface NormalFailures {
  /** The message with what varies replaced (`normalMessage`). */
  readonly message: string;
  readonly category: Category;
  /** Items given up. */
  readonly items: number;
  readonly letters: number;
  /** Attempts that ended so, healed ones included. */
  readonly attempts: number;
  /** Ids of a few of the items given up, at most 5. */
  readonly examples: readonly string[];
}

/** Failures of one category. */
export type CategoryFailures = Pick<NormalFailures, 'category' | 'items' | 'letters' | 'attempts'>;

/** Times of completed batches of one job. */
export interface BatchTimes {
  readonly job: string;
  readonly batches: number;
  readonly averageMs: number;
  readonly longestMs: number;
}

/** How tasks came again. Default task ids are left out: they name one batch each. */
export interface RepeatedTasks {
  /** Batches with a task id. */
  readonly executions: number;
  /** Distinct task ids. */
  readonly tasks: number;
  /** Task ids with more than one execution. */
  readonly repeated: number;
  /** Executions that were recorded as duplicates and not run. */
  readonly skipped: number;
  /** The most often repeated, most executions first. */
  readonly most: readonly { readonly taskId: string; readonly executions: number; readonly skipped: number }[];
}

/** Attempts that ended, by how, and what runs now. Handed back and cancelled ones say nothing and are left out. */
export interface AttemptTally {
  readonly completed: number;
  readonly failed: number;
  readonly crashed: number;
  /** Batches that run now, in live sessions. */
  readonly running: number;
}

/** Rows of one state, counted one by one. */
export interface StateRows {
  readonly state: BatchState;
  readonly batches: number;
  readonly items: number;
  readonly completed: number;
  readonly failed: number;
}

/** What a store knows of a job: the sums of its sessions' counts. */
export interface JobTotals {
  readonly job: string;
  /** Of the newest session. */
  readonly version: string;
  readonly newestAt: Timestamp;
  readonly sessions: Readonly<Partial<Record<SessionState, number>>>;
  readonly items: {
    readonly total: number;
    readonly completed: number;
    readonly failed: number;
    readonly cancelled: number;
    readonly duplicate: number;
  };
  readonly batches: {
    readonly pending: number;
    readonly running: number;
    readonly completed: number;
    readonly failed: number;
    readonly crashed: number;
    readonly cancelled: number;
  };
}

/** What a job's live sessions have before them. */
export interface QueueDepth {
  readonly job: string;
  /** Live sessions, and those of them that have not started: they wait for a seat, or for their host. */
  readonly sessions: number;
  readonly waitingSessions: number;
  /** Batches that can run at any time, that wait for their next attempt, and that run. */
  readonly pending: number;
  readonly retrying: number;
  readonly running: number;
  /** When the oldest session that has not started was recorded; null when none waits. */
  readonly sessionSince: Timestamp | null;
  /** When the oldest batch that can run was enqueued; null when there is none. */
  readonly pendingSince: Timestamp | null;
}

type Limited = { readonly limit: number };

/**
 * Everything that can be asked of all that a store holds: for each question what it takes and what it answers. Lists are cut to
 * `limit`. Sessions that were pruned are in no answer.
 */
export interface Questions {
  /** Batches with a crashed attempt, the newest crash first. */
  readonly crashed: { filter: Within & Limited; answer: readonly CrashedBatch[] };
  /** Completed batches, the longest work first. With `since`: those that ended from then on. */
  readonly slowest: { filter: Within & Limited; answer: readonly FoundBatch[] };
  /** Dead letters and attempts that failed or crashed, by normal message and category: most items first, then most attempts. */
  readonly failures: { filter: Within & Limited; answer: readonly NormalFailures[] };
  /** The same by category. */
  readonly categories: { filter: Within; answer: readonly CategoryFailures[] };
  /** Times of batches that were completed from a moment on, by job. */
  readonly times: { filter: { readonly since: Timestamp }; answer: readonly BatchTimes[] };
  /** Every batch of a task id, given or default (`job:key#number`), in the order in which they were enqueued. */
  readonly chain: { filter: { readonly taskId: string } & Limited; answer: readonly FoundBatch[] };
  /** Running batches of live sessions, the longest first. `stuckSince`: only lost ones, and those claimed by that moment. */
  readonly running: { filter: { readonly stuckSince?: Timestamp } & Limited; answer: readonly RunningBatch[] };
  /** Tasks enqueued from a moment on. */
  readonly repeated: { filter: { readonly since: Timestamp } & Limited; answer: RepeatedTasks };
  /** Attempts that ended from a moment on. */
  readonly attempts: { filter: { readonly since: Timestamp }; answer: AttemptTally };
  /** A session's rows by state, counted one by one: what its counts must say. */
  readonly rows: { filter: { readonly sessionId: SessionId }; answer: readonly StateRows[] };
  /** The batches with the newest change: those that ended, and open ones of live sessions. */
  readonly newest: { filter: Limited; answer: readonly FoundBatch[] };
  /** How much waits, by job: jobs with live sessions, by name. */
  readonly depth: { filter: object; answer: readonly QueueDepth[] };
  /** Notifications that are not delivered, oldest first. */
  readonly notifications: {
    filter: Limited & { readonly state?: NotificationRecord['state'] };
    answer: readonly NotificationRecord[];
  };
  /** Jobs by name, with the sums of their sessions. */
  readonly jobs: { filter: object; answer: readonly JobTotals[] };
}

/** Names a question. */
export type QuestionName = keyof Questions;
