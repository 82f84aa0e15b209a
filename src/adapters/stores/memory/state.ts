import type { Clock } from '../../../model/clock.ts';
import { MillraceError } from '../../../model/errors.ts';
import type { OwnerId, SessionId, Timestamp } from '../../../model/ids.ts';
import { isEndedSession } from '../../../model/moves.ts';
import type { AlertName } from '../../../model/notifications.ts';
import type { StageRecord } from '../../../model/replica.ts';
import type { StoreOperations } from '../../../model/store.ts';
import type { RateStarts } from '../rate-window.ts';
import type { CacheEntry } from './cached-outputs.ts';
import type { NotificationRow } from './notification-methods.ts';
import type { ScheduleEntry } from './schedule-methods.ts';
import type { SessionEntry } from './session-entry.ts';

/** All that a memory store knows. */
export interface MemoryState {
  /** In the order of their creation. */
  readonly sessions: Map<SessionId, SessionEntry>;
  /** The newest session of each job and key. */
  readonly newest: Map<string, SessionEntry>;
  /** The session that last was live for each job and key. It may have ended. */
  readonly live: Map<string, SessionEntry>;
  /** The batches of each task id, in the order in which they were enqueued. */
  readonly tasks: Map<string, TaskEntry[]>;
  /** By name. */
  readonly schedules: Map<string, ScheduleEntry>;
  /** The number of the input of a tick that was noted last. */
  readonly newestInput: { no: number };
  /** Cached outputs, by job, series and range. */
  readonly cache: Map<string, CacheEntry>;
  /** When each owner's lease ends. */
  readonly owners: Map<OwnerId, Timestamp>;
  /** What was claimed lately under the name of each rate. */
  readonly rates: Map<string, RateStarts>;
  /** In the order in which they were written. */
  readonly notifications: Map<string, NotificationRow>;
  /** What is not well, and was told. */
  readonly alerts: Set<AlertName>;
  /** The `order` of the newest session. */
  newestOrder: number;
  /** The part that the store plays in a pair. */
  stage: StageRecord | undefined;
  /** Begins a write: answers the time, and refuses when the store is closed. */
  begin(): Timestamp;
  /** Begins a read. */
  look(): void;
  wrote(rows: number): void;
  isAlive(owner: OwnerId | null, now: Timestamp): boolean;
  /** Whether an owner's lease ran out: one that signed off, or never was here, has not died. */
  hasDied(owner: OwnerId | null, now: Timestamp): boolean;
  isOrphaned(entry: SessionEntry, now: Timestamp): boolean;
  time(): Timestamp;
  /** Sees to it that the time is not before a moment. */
  advanceTo(at: Timestamp): void;
  operations(): StoreOperations;
  close(): void;
}

/** A batch, found by its task id. */
export interface TaskEntry {
  readonly entry: SessionEntry;
  readonly number: number;
}

/** An empty memory store's state. Its clock never goes back. */
export function createState(clock: Clock): MemoryState {
  const owners = new Map<OwnerId, Timestamp>();
  let closed = false;
  let newestTime = 0;
  let transactions = 0;
  let rowsWritten = 0;
  const look = (): void => {
    if (closed) throw new MillraceError('STORE_FAILED', 'The memory store is closed. Make a new one with memory().');
  };
  const time = (): Timestamp => {
    newestTime = Math.max(newestTime, clock.now());
    return newestTime;
  };
  const isAlive = (owner: OwnerId | null, now: Timestamp): boolean => owner !== null && (owners.get(owner) ?? 0) > now;
  return {
    sessions: new Map(),
    newest: new Map(),
    live: new Map(),
    tasks: new Map(),
    schedules: new Map(),
    newestInput: { no: 0 },
    cache: new Map(),
    owners,
    rates: new Map(),
    notifications: new Map(),
    alerts: new Set(),
    newestOrder: 0,
    stage: undefined,
    begin() {
      look();
      transactions++;
      return time();
    },
    look,
    wrote: (rows) => {
      rowsWritten += rows;
    },
    isAlive,
    hasDied: (owner, now) => owner !== null && owners.has(owner) && !isAlive(owner, now),
    isOrphaned: (entry, now) => !isEndedSession(entry.state) && !isAlive(entry.coordinator, now),
    time,
    advanceTo: (at) => {
      newestTime = Math.max(newestTime, at);
    },
    operations: () => ({ transactions, rowsWritten }),
    close: () => {
      closed = true;
    },
  };
}

/** The name under which a key is looked up. Job names hold no line break. */
export function keyOf(job: string, key: string): string {
  return `${job}\n${key}`;
}
