import type { Payload } from './codec.ts';
import type { Category, ErrorInfo } from './errors.ts';
import type { OwnerId, SessionId, Timestamp, Token } from './ids.ts';
import type { BatchState, SessionState } from './moves.ts';
import type { Counts } from './outcome.ts';
import type { Seat } from './seats.ts';

/** How far the source has been cut: written together with the batches cut. */
export interface Position {
  /** Chunks cut: the next one's number. */
  readonly chunks: number;
  /** Items cut. */
  readonly items: number;
  /** The source has no more. */
  readonly ended: boolean;
}

/** One run of one job over one input. */
export interface SessionRecord {
  readonly id: SessionId;
  readonly job: string;
  readonly version: string;
  readonly key: string;
  readonly state: SessionState;
  /** Held: nothing is cut, claimed or finalized. */
  readonly paused: boolean;
  /** A durable request to cancel, with its reason. */
  readonly cancelReason: string | null;
  /** Higher goes first. */
  readonly priority: number;
  /** Which finalize this is, from 1. */
  readonly generation: number;
  /** Rises with each coordinator: writes of an older one are refused. */
  readonly epoch: number;
  readonly coordinator: OwnerId | null;
  readonly input: Payload;
  readonly settings: Payload | null;
  readonly fingerprint: string;
  /** The chunker in words, or `slices`. */
  readonly chunking: string;
  /** Encoded policies: the job's, with those of this start over them. */
  readonly policies: Payload;
  readonly metadata: Payload | null;
  /** How long it is kept after it has ended, in milliseconds; null: until somebody deletes it. */
  readonly keepMs: number | null;
  /** What it sits on while it runs; absent when nobody counts. */
  readonly seat?: Seat;
  /** Its ending is told to those who asked for notifications. Absent: it is not. */
  readonly notifies?: true;
  readonly position: Position;
  readonly counts: Counts;
  /** Sums of what the work counted. */
  readonly counters: Readonly<Record<string, number>>;
  /** How often it was taken over from a dead host since batches were last added, or a worker answered for one. */
  readonly takeovers: number;
  /** Of the newest generation that has one: the old one stays until the next is recorded. */
  readonly result: Payload | null;
  /** The generation that made the result; null while there is none. */
  readonly resultGeneration: number | null;
  readonly error: ErrorInfo | null;
  readonly finalizeTries: number;
  /** The number of the session's newest event. */
  readonly eventNumber: number;
  readonly createdAt: Timestamp;
  readonly startedAt: Timestamp | null;
  readonly endedAt: Timestamp | null;
}

/** What the creator of a session gives; the store adds the rest. */
export type NewSession = Pick<
  SessionRecord,
  | 'id'
  | 'job'
  | 'version'
  | 'key'
  | 'priority'
  | 'coordinator'
  | 'input'
  | 'settings'
  | 'fingerprint'
  | 'chunking'
  | 'policies'
  | 'metadata'
  | 'keepMs'
  | 'seat'
  | 'notifies'
>;

/** What is known of a chunk when it is cut. */
export interface NewBatch {
  readonly number: number;
  /** Position of the core's first item, counted over the input from 0; for slices the chunk number. */
  readonly first: number;
  /** Items in the core; for slices that the worker reads 0 until it has. */
  readonly items: number;
  /** Items in the overlap on each side: the positions from `first - before` to `first + items + after` are loaded. */
  readonly before: number;
  readonly after: number;
  /** Where core and overlap begin and end in the chunker's key. */
  readonly range: BatchRange | null;
  /** Hash of what was cut, core and overlap: a re-read chunk must have the same. Of a slice's items once a worker has read them. */
  readonly hash: string | null;
  /** The batch's natural key; null: `job:key#number`. */
  readonly taskId: string | null;
  /** The slice, for work that reads it by itself. */
  readonly slice: Payload | null;
  /** Id of the core's last item, where the job can read on behind it (`sourceAfter`). */
  readonly lastItem: string | null;
}

export interface BatchRange {
  readonly from: number;
  readonly to: number;
  readonly overlapFrom: number;
  readonly overlapTo: number;
}

/** The tracked record of running one chunk. */
export interface BatchRecord extends NewBatch {
  readonly sessionId: SessionId;
  readonly state: BatchState;
  /** Charged attempts: crashes of others are not counted. */
  readonly attempt: number;
  readonly token: Token | null;
  readonly owner: OwnerId | null;
  /** Was in a group whose worker died: runs alone from now on. */
  readonly suspect: boolean;
  /** Hosts that died while it ran. From the first on it runs where it can take no host with it. */
  readonly hostDeaths: number;
  /** The search for the item that kills it. */
  readonly isolation: Isolation | null;
  /** Places of the items that still have to run; null: all. */
  readonly remaining: readonly number[] | null;
  /** Items completed so far: the sum of its writes' `itemsCompleted`. */
  readonly completed: number;
  readonly retryAt: Timestamp | null;
  readonly enqueuedAt: Timestamp;
  readonly claimedAt: Timestamp | null;
  readonly endedAt: Timestamp | null;
  /** What the newest attempt that did not succeed ended with. */
  readonly error: ErrorInfo | null;
}

/**
 * How far the search for the item that kills a batch has come. It is part of the batch's row, and each of its runs is a claim
 * like any other: whoever dies in the middle of it, the next host goes on from there.
 *
 * Places count from the core's first item: the overlap before it has negative ones, the overlap behind it goes on after the last.
 */
export interface Isolation {
  /**
   * `noted`: the item that was in hand runs alone. `search`: the first half of the suspects runs, without overlap; what it returns
   * is thrown away. `split`: no single item is to blame, and the batch is done in pieces. `rest`: the whole runs again, without the dead.
   */
  readonly phase: 'noted' | 'search' | 'split' | 'rest';
  /** The suspects: places from `from` up to and not including `to`. */
  readonly from: number;
  readonly to: number;
  /** While `noted`: the item in hand. */
  readonly noted: number | null;
  /** While `split`: items in a piece. */
  readonly size: number;
  /** Dead items in core and overlap when it began: when a neighbour finds another, the whole is tried again first. */
  readonly deadInSight: number;
  /** Places of the core that were found. */
  readonly dead: readonly number[];
  /** Some run of the search survived: not every item kills. */
  readonly survived: boolean;
  /** What the batch died of. */
  readonly error: ErrorInfo;
}

/** One ended try at a batch. Times are by the store's clock; `ms` is the work alone. */
export interface AttemptRecord {
  readonly sessionId: SessionId;
  readonly number: number;
  /** Claims of this batch so far, from 1: released ones included. */
  readonly execution: number;
  readonly token: Token;
  readonly owner: OwnerId;
  /** What the batch became: `completed`, `failed.waiting`, `pending` when released... */
  readonly outcome: BatchState;
  readonly category: Category | null;
  readonly error: ErrorInfo | null;
  readonly claimedAt: Timestamp;
  readonly endedAt: Timestamp;
  readonly ms: number | null;
}

/** What one attempt of a batch returned. */
export interface OutputRecord {
  readonly number: number;
  /** `each`: places of the items behind `data`; null: every item of the batch, in order. */
  readonly places: readonly number[] | null;
  readonly data: Payload;
}

/** An owner as stores keep it. */
export interface OwnerRecord {
  readonly id: OwnerId;
  readonly leaseExpiresAt: Timestamp;
}
