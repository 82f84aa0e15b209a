import type { Category, ErrorInfo } from './errors.ts';
import type { SessionId } from './ids.ts';

/** How many items and batches stand where. */
export interface Counts {
  readonly items: {
    /** Items of the batches cut so far. */
    readonly total: number;
    readonly completed: number;
    /** Given up: dead letters. */
    readonly failed: number;
    readonly cancelled: number;
    /** Of the cancelled ones, those whose task was enqueued before and is done elsewhere; absent when there are none. */
    readonly duplicate?: number;
  };
  readonly batches: {
    readonly total: number;
    readonly pending: number;
    readonly running: number;
    readonly completed: number;
    readonly failed: number;
    readonly crashed: number;
    readonly cancelled: number;
    /** Of the completed ones, those whose output an earlier session had left in the cache; absent when there are none. */
    readonly cached?: number;
  };
}

/** Failures with the same message. */
export interface FailureGroup {
  readonly message: string;
  readonly category: Category;
  readonly items: number;
  /** Ids of a few of the items, at most 5. */
  readonly examples: readonly string[];
}

/** An item, or a range of items that could not be told apart, that was given up. */
export interface DeadLetter {
  readonly sessionId: SessionId;
  /** The item's id; for a whole batch that died, `first..last`. */
  readonly itemId: string;
  readonly taskId: string;
  /** The batch's chunk number. */
  readonly number: number;
  /** The item's place in its batch; of a letter for several items the first one's. */
  readonly place: number;
  /** How many items this letter stands for. */
  readonly items: number;
  readonly error: ErrorInfo;
  readonly attempts: number;
  readonly at: number;
}

interface OutcomeBase {
  readonly sessionId: SessionId;
  readonly counts: Counts;
  /**
   * Why items were given up: grouped by message, the 20 largest groups. With more than 20 messages the rest is left out here:
   * `counts.items.failed` is the number of all items given up, and `session.deadLetters()` has each of them.
   */
  readonly failures: readonly FailureGroup[];
  /** Sums of what the work counted. */
  readonly counters: Readonly<Record<string, number>>;
  /** Undefined when `finalize` was never reached. */
  readonly finalizeId: string | undefined;
}

/** How a session ended. Its `failures` are the 20 largest groups only; `counts` are of all. */
export type Outcome<Result> = OutcomeBase &
  (
    | { readonly status: 'completed'; readonly result: Result; readonly error?: undefined }
    | { readonly status: 'failed' | 'cancelled'; readonly error: ErrorInfo; readonly result?: undefined }
  );
