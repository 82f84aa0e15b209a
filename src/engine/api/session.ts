import type { Observable } from 'rxjs';
import type { Duration } from '../../model/duration.ts';
import type { Category, ErrorInfo } from '../../model/errors.ts';
import type { MillraceEvent } from '../../model/events.ts';
import type { SessionId } from '../../model/ids.ts';
import type { SessionState } from '../../model/moves.ts';
import type { Counts, DeadLetter, Outcome } from '../../model/outcome.ts';

/** A session as it is at one moment. */
export interface SessionView {
  readonly id: SessionId;
  readonly job: string;
  readonly version: string;
  readonly key: string;
  /** `crashed`: live, but no living host coordinates it. */
  readonly status: 'pending' | 'running' | 'finalizing' | 'completed' | 'failed' | 'crashed' | 'cancelled';
  readonly state: SessionState;
  readonly paused: boolean;
  /** Why nothing moves although nothing is wrong with the work: a store that does not answer, a rate, a seat, a host. Lists tell only the last two. */
  readonly waitingFor: string | null;
  readonly priority: number;
  readonly generation: number;
  readonly counts: Counts;
  /** Sums of what the work counted. */
  readonly counters: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly error: ErrorInfo | null;
  /** Epoch milliseconds, by the store's clock. */
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

/** How far a session is. Items completed and given up never go down within a generation. */
export interface Progress {
  readonly status: SessionView['status'];
  readonly paused: boolean;
  readonly counts: Counts;
  readonly counters: Readonly<Record<string, number>>;
  /** The source has been read to its end: `counts.items.total` is final. */
  readonly sourceEnded: boolean;
  /** Ended batches of all, 0 to 1; 1 only when the session has ended. Undefined until the source has been read to its end. */
  readonly fraction: number | undefined;
  /** Items per second over the last seconds. */
  readonly itemsPerSecond: number;
  /** Time left in milliseconds; undefined until it can be told. */
  readonly etaMs: number | undefined;
}

/**
 * A handle on one session, live or ended, whichever host runs it.
 *
 * With `await using`, the end of the block cancels a session that this handle's start began and that has not ended, and waits for its end.
 * One that the start joined (`started: false`), or that `find` gave, is somebody else's run: it goes on.
 */
export interface Session<out Result, out Output> extends AsyncDisposable {
  readonly id: SessionId;
  readonly key: string;
  /** False when the start joined a session that was live already, and for handles of `find` and `resume`. */
  readonly started: boolean;
  /** Progress, at most once per `every` (default 250 ms), never the same twice; ends with the session. */
  progress(options?: { every?: Duration; signal?: AbortSignal }): AsyncIterable<Progress>;
  /** The same as an Observable: the latest at once, then every change, at most ten a second. */
  readonly progress$: Observable<Progress>;
  /** What happens from now on in this host; ends with the session. A reader that falls 10,000 events behind misses the oldest. */
  events(options?: { signal?: AbortSignal }): AsyncIterable<MillraceEvent>;
  /** Resolves for every ending of the session. Rejects only with `ENGINE_CLOSED`, or with the reason of its own signal. */
  outcome(options?: { signal?: AbortSignal }): Promise<Outcome<Result>>;
  /** The result. @throws SessionError when the session did not complete. */
  result(): Promise<Result>;
  /**
   * What `each` or `chunk` returned, in input order, as far as it is there now: what still runs, waits or was given up is left out.
   * So while the session runs there may be gaps, which later calls fill.
   */
  outputs(): AsyncIterable<Output>;
  /** Items given up, in input order: all, or some. */
  deadLetters(which?: LetterQuery): AsyncIterable<DeadLetter>;
  /**
   * Runs items that were given up once more, after what failed them was mended: all, one, or those of one failure. Only they run, and
   * the batches that see them; then the session is combined and finalized anew, as its next generation. The old result stands until then.
   *
   * @returns A handle on the next generation: this one goes on telling of the old one. With nothing to run, the session stays as it is.
   * @throws MillraceError `NOT_REPLAYABLE` when the session has not ended, was cancelled, or another one of its key is live;
   *   `INPUT_CHANGED`, `JOB_CHANGED` when it is not what it was.
   */
  replay(which?: LetterQuery): Promise<Session<Result, Output>>;
  /** Deletes dead letters: what they stood for stays counted, and can't be replayed any more. Answers how many. @throws MillraceError `SESSION_LIVE` */
  purgeDeadLetters(which?: LetterQuery): Promise<number>;
  /** The newest recorded result, also while a replay runs; undefined when there is none. */
  latestResult(): Promise<Result | undefined>;
  /** The session as the store has it now. */
  state(): Promise<SessionView>;
  /** Holds the session: nothing is cut, claimed or finalized; running batches end. Durable. */
  pause(): Promise<void>;
  unpause(): Promise<void>;
  /** Ends the session as cancelled: running work is aborted, waiting work dropped. Durable. */
  cancel(reason?: string): Promise<void>;
}

/** Which dead letters of a session. */
export interface LetterQuery {
  /** The one with this item id. */
  itemId?: string;
  /** Those of one failure, as `outcome.failures` groups them. */
  group?: { readonly message: string; readonly category: Category };
}
