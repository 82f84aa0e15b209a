import type { CacheStore, CacheWrite } from './cache.ts';
import type { Payload } from './codec.ts';
import type { ErrorInfo } from './errors.ts';
import type { OwnerId, SessionId, Timestamp, Token } from './ids.ts';
import type { BatchState, SessionState } from './moves.ts';
import type { NotificationStore } from './notifications.ts';
import type { Counts, DeadLetter, FailureGroup } from './outcome.ts';
import type { QuestionName, Questions } from './questions.ts';
import type { ClaimRate, HeldRate } from './rate.ts';
import type {
  AttemptRecord,
  BatchRecord,
  Isolation,
  NewBatch,
  NewSession,
  OutputRecord,
  OwnerRecord,
  Position,
  SessionRecord,
} from './records.ts';
import type { Replica } from './replica.ts';
import type { ScheduleStore } from './schedules.ts';
import type {
  AttemptFilter,
  BatchFilter,
  LetterFilter,
  OutputFilter,
  PageFilter,
  PruneFilter,
  SessionFilter,
} from './store-filters.ts';
import type { DuplicateTask, TaskDedupe } from './task-dedupe.ts';

export type { AttemptFilter, BatchFilter, LetterFilter, OutputFilter, PageFilter, SessionFilter } from './store-filters.ts';
export type { DuplicateTask, TaskDedupe } from './task-dedupe.ts';

/**
 * Keeps sessions, batches, attempts, outputs and dead letters.
 *
 * Every method is one transaction: all of it happens, or nothing. Time is the store's own clock, never the caller's.
 * A batch's status changes only in a write that also checks the old status, and for running batches the claim's token;
 * the answer says row by row what was changed. A store decides nothing: it refuses what is not a legal move.
 */
export interface Store extends CacheStore, NotificationStore, ScheduleStore {
  readonly name: string;
  readonly supports: {
    /** Keeps everything when closed and opened again. */
    readonly durable: boolean;
    /** Can be opened by several processes at once. */
    readonly shared: boolean;
  };

  /** Makes ready, creating or migrating the schema. Called once, before anything else. */
  open(): Promise<void>;
  /** Lets go of everything. The store can't be used afterwards. */
  close(): Promise<void>;

  /** Enters a boot of a host, with its lease. */
  registerOwner(owner: OwnerId, leaseMs: number): Promise<OwnerRecord>;
  /** Prolongs a lease. Undefined when it has run out: then the owner's claims are no longer its own. */
  renewOwner(owner: OwnerId, leaseMs: number): Promise<OwnerRecord | undefined>;
  /** Signs a host off. Its claims and sessions are free at once. */
  removeOwner(owner: OwnerId): Promise<void>;

  /** Records a session, unless one of the same job and key is live: then answers that one. The same id twice is `created` twice. */
  createSession(session: NewSession): Promise<{ readonly type: 'created' | 'live'; readonly session: SessionRecord }>;
  getSession(id: SessionId): Promise<SessionRecord | undefined>;
  /** The newest session of a key, live or ended. */
  findSession(job: string, key: string): Promise<SessionRecord | undefined>;
  /** Sessions, newest first. */
  listSessions(filter: SessionFilter): Promise<readonly SessionRecord[]>;
  /**
   * Moves a session from one state to another, if it still is in the first, the epoch is current, and the conditions hold.
   * One with a `seat` starts (leaves `pending`) only when one is free and no other waits before it. The ending of one that `notifies`
   * writes a notification, in the same transaction.
   */
  moveSession(move: SessionWrite): Promise<SessionMoved>;
  /** Sets what anyone may ask of a session that has not ended. Undefined when there is no such session. */
  requestSession(id: SessionId, request: SessionRequest): Promise<SessionRecord | undefined>;
  /** Counts a try at finalize before it starts, fenced by the epoch. Answers the tries so far; undefined when fenced off. */
  countFinalizeTry(id: SessionId, epoch: number): Promise<number | undefined>;
  /**
   * Opens an ended session again, under `owner`, with a new epoch: `completed` or `failed` becomes `running.draining` of the next
   * generation, and the batches are written as by a commit, in the same transaction. The old result stays.
   * Undefined, and nothing is changed, when the session has not ended so, is not there (any more), another one of its key is live, or
   * no seat is free for it.
   */
  replaySession(replay: ReplayWrite): Promise<SessionRecord | undefined>;
  /** Deletes dead letters: what they stood for can't be replayed any more. Counts stay. Answers how many. */
  purgeDeadLetters(filter: LetterFilter): Promise<number>;
  /**
   * Makes `owner` the coordinator, with a new epoch, if the session is live and its coordinator is dead or absent.
   * Asked again by the owner that coordinates it already, answers the session as it is: the first answer may have been lost.
   * Counts a takeover when the coordinator died; a host that left in order (`leaveSession`, `removeOwner`) is none.
   */
  adoptSession(id: SessionId, owner: OwnerId): Promise<SessionRecord | undefined>;
  /** Live sessions that this owner coordinates. */
  listCoordinated(owner: OwnerId): Promise<readonly Pick<SessionRecord, 'id' | 'epoch'>[]>;
  /** Gives a session up, so that another host may adopt it at once. */
  leaveSession(id: SessionId, epoch: number): Promise<void>;

  /**
   * Settles, enqueues and claims, in this order, for several sessions in one transaction. One bad row fails itself alone.
   *
   * The same commit may come twice, since its first answer may have been lost. What was done is answered as done, and not
   * done again: a settle whose claim ended in that very state, an enqueue that leads to the position already reached, a
   * claim by number that runs under the same token and owner. Nothing is counted twice, and no event number is used up.
   */
  commit(commit: Commit): Promise<CommitAnswer>;
  /** Turns running batches of dead owners into `crashed.deciding`, and counts a host death for each, unless the host signed off in order. Answers how many. */
  rescue(limit: number): Promise<number>;

  /** Batches in the order of their numbers; with `dueBy`, waiting ones that are due by then, earliest first. */
  listBatches(filter: BatchFilter): Promise<readonly BatchRecord[]>;
  /** Outputs of ended and waiting batches, by number, then attempt. Whole numbers only: a page never ends within a batch. */
  listOutputs(filter: OutputFilter): Promise<readonly OutputRecord[]>;
  /**
   * Ended attempts of a session, or of one batch of it, oldest first. Or those of every batch of a task id, whatever its session,
   * in the order in which the batches were enqueued.
   */
  listAttempts(filter: AttemptFilter): Promise<readonly AttemptRecord[]>;
  /** Dead letters by batch number, then item. `after` counts rows already read. */
  listDeadLetters(filter: PageFilter & LetterFilter): Promise<readonly DeadLetter[]>;
  /** Dead letters grouped by message and category, largest first. */
  groupFailures(sessionId: SessionId, limit: number): Promise<readonly FailureGroup[]>;

  /** Answers a question about all that it holds. A durable store answers by its indexes, without walking over all batches. */
  query<Name extends QuestionName>(name: Name, filter: Questions[Name]['filter']): Promise<Questions[Name]['answer']>;

  /** Deletes ended sessions, with all that belongs to them. What they left in the cache stays. Answers how many. */
  prune(filter: PruneFilter): Promise<number>;
  /** Row by row access, for stores that can be one of a pair (see `shadow`). */
  readonly replica?: Replica;
  /** How many operations each method has done since `open`: what a chunk costs is counted, not guessed. */
  operations(): StoreOperations;
  /** The store's clock. */
  now(): Promise<Timestamp>;
}

/** Transactions and rows since `open`. */
export interface StoreOperations {
  readonly transactions: number;
  readonly rowsWritten: number;
}

export interface SessionWrite {
  readonly id: SessionId;
  readonly epoch: number;
  readonly from: SessionState;
  readonly to: SessionState;
  /** The barrier: only if the source ended and no batch is open, decided in this very statement. */
  readonly requireNothingOpen?: boolean;
  /** Cancel every batch that has not ended, in the same transaction. The move's event stands for all of them. */
  readonly cancelOpen?: boolean;
  readonly result?: Payload | null;
  readonly error?: ErrorInfo | null;
}

export interface SessionMoved {
  readonly moved: boolean;
  /** The session as it is now; undefined when there is none. */
  readonly session: SessionRecord | undefined;
}

export interface SessionRequest {
  readonly paused?: boolean;
  readonly cancelReason?: string;
}

/** What is written at once. */
export interface Commit {
  readonly owner: OwnerId;
  readonly sessions: readonly SessionCommit[];
}

export interface SessionCommit {
  readonly sessionId: SessionId;
  /** The coordinator's epoch: an enqueue or a decision under another one is refused. */
  readonly epoch: number;
  readonly writes?: readonly BatchWrite[];
  readonly enqueue?: {
    readonly batches: readonly NewBatch[];
    readonly position: Position;
    /** Decided for each batch that has a task id, in this very write, against all sessions and the batches before it. */
    readonly dedupe?: TaskDedupe;
  };
  readonly claim?: ClaimRequest;
}

/**
 * Claims by number, token by token; or, without numbers, the first batches that can be claimed.
 * Pending batches can be, and waiting ones that are due; none while the session is paused, asked to cancel, or not running,
 * and none for an owner that is not registered or whose lease ran out. Isolating batches can be claimed like pending ones.
 * A claim counts an attempt, unless the batch is being searched (`isolation`, in any phase but `rest`).
 */
export interface ClaimRequest {
  readonly tokens: readonly Token[];
  readonly numbers?: readonly number[];
  /** Only with `numbers`: what it does not let through stays as it is, and the answer's `held` says until when. */
  readonly rate?: ClaimRate;
}

/**
 * One batch's move, with all that it brings along. Never into `running`: only a claim leads there.
 * A write from `running` to any state but `pending` or `cancelled` sets the session's takeovers to 0, and so does one from
 * `crashed.deciding` to a dead state, and an enqueue of batches: something has been learned.
 */
export interface BatchWrite {
  readonly number: number;
  readonly from: BatchState;
  readonly to: BatchState;
  /** Needed from `running`: the claim that writes. From other states the epoch is the fence. */
  readonly token?: Token;
  /** Charged attempts from now on. */
  readonly attempt: number;
  readonly suspect?: boolean;
  readonly isolation?: Isolation | null;
  /** For a waiting state: how long from now. */
  readonly retryInMs?: number;
  readonly remaining?: readonly number[] | null;
  /** Items in the core, when the worker has counted them first. */
  readonly items?: number;
  /** Hash of the items that the worker read out of its slice: kept when the batch has none yet, else passed over. */
  readonly hash?: string;
  readonly output?: { readonly places: readonly number[] | null; readonly data: Payload } | null;
  /** A letter that is there already (of the same batch and place) stays as it is, and is not counted twice. */
  readonly deadLetters?: readonly NewDeadLetter[];
  /** Earlier outputs of the batch are deleted, and what was counted with them is taken off, before this write's is added: all its items run again. */
  readonly dropOutputs?: boolean;
  /** Places of dead letters that are taken back, and off the count: their items run again. */
  readonly takeBack?: readonly number[];
  readonly error?: ErrorInfo | null;
  /** Items that this write completes: added to the session's count. Negative when items that were completed have died since. */
  readonly itemsCompleted?: number;
  readonly counters?: Readonly<Record<string, number>>;
  readonly ms?: number;
  /** For a move from `running` to `completed`; of no effect with any other, or when the write is not done. */
  readonly cache?: CacheWrite;
}

export interface NewDeadLetter {
  /** The batch whose core has the item, when it is another than the write's own. */
  readonly number?: number;
  readonly itemId: string;
  /** The item's place in its batch; for a whole batch 0. */
  readonly place: number;
  readonly items: number;
  readonly taskId: string;
  readonly error: ErrorInfo;
  readonly attempts: number;
}

/** What a replay opens again. */
export interface ReplayWrite {
  readonly id: SessionId;
  readonly owner: OwnerId;
  readonly batches: readonly BatchWrite[];
}

export interface CommitAnswer {
  readonly now: Timestamp;
  /** In the order of the request. */
  readonly sessions: readonly SessionAnswer[];
}

export interface SessionAnswer {
  /**
   * Write by write: false when the batch was not in its old state any more, or the token was not its claim; true also when
   * this claim was settled so before.
   */
  readonly written: readonly boolean[];
  /**
   * False when nothing was enqueued: not asked for, the epoch was not current, the numbers or the position do not go on
   * where the last ones ended, or the session was past its barrier.
   */
  readonly enqueued: boolean;
  /** What was enqueued as a duplicate, in the order of the batches; absent when nothing was. */
  readonly duplicates?: readonly DuplicateTask[];
  /** What was claimed, in the order of the request's tokens. Its `token` tells which one it answers. */
  readonly claimed: readonly BatchRecord[];
  /** Rates that let some of the claim wait; absent when none did. */
  readonly held?: readonly HeldRate[];
  readonly counts: Counts;
  readonly counters: Readonly<Record<string, number>>;
  /** The lowest number that has not ended; the number of chunks when all have. */
  readonly lowestOpen: number;
  /** When the next waiting batch is due; null when none waits. */
  readonly nextDueAt: Timestamp | null;
  /** The number of the last event of this write: one for each write done and batch claimed, one for an enqueue. */
  readonly eventNumber: number;
  readonly paused: boolean;
  readonly cancelReason: string | null;
}
