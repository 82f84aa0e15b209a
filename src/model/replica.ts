import type { CachedOutput, CacheName } from './cache.ts';
import type { OwnerId, SessionId, Timestamp } from './ids.ts';
import type { AlertName, NotificationRecord } from './notifications.ts';
import type { DeadLetter } from './outcome.ts';
import type { AttemptRecord, BatchRecord, OutputRecord, OwnerRecord, SessionRecord } from './records.ts';
import type { ScheduleRecord, TickInput, TickRecord } from './schedules.ts';

/*
 * Row by row access to a store, beside its methods: for copying it into another one, and for comparing the two.
 * What is copied together is a unit; a unit is replaced as a whole, so copying it twice, or in any order, comes to the same.
 */

/** What units hold, by kind: each kind is known by a key that both stores have. */
export interface Copies {
  /** By owner id. An owner that signed off is not there. */
  readonly owners: OwnerRecord;
  /** By session id. Without the values that can be large, and that seldom change. */
  readonly sessions: SessionCopy;
  /** By session id. */
  readonly values: SessionValues;
  /** By `sessionId#number`, see {@link batchKey}: a batch with all that hangs on it. */
  readonly batches: BatchCopy;
  /** By job, series and range. */
  readonly cached_outputs: CachedOutput &
    Pick<CacheName, 'series' | 'range' | 'key'> & { readonly job: string; readonly usedAt: Timestamp };
  /** By name. */
  readonly schedules: ScheduleRecord;
  /** By schedule and time. */
  readonly ticks: Omit<TickRecord, 'inputs'>;
  /** By schedule, time, and the input's key. `order` rises with each that is noted. */
  readonly tick_inputs: TickInput & { readonly order: number };
  /** By id. */
  readonly notifications: NotificationRecord & { readonly owner: OwnerId | null };
  /** By name. */
  readonly alerts: { readonly name: AlertName };
  /** By the name under which is counted. When nothing counts any more it is not there. */
  readonly rates: { readonly bucket: string; readonly starts: readonly (readonly [leaves: Timestamp, starts: number])[] };
}

/** Names a kind of units. */
export type CopyKind = keyof Copies;

/** Every kind, in the order in which they are copied: what others hang on comes first. */
export const copyKinds: readonly CopyKind[] = [
  'owners',
  'sessions',
  'values',
  'batches',
  'cached_outputs',
  'schedules',
  'ticks',
  'tick_inputs',
  'notifications',
  'alerts',
  'rates',
];

/** Names a unit, in every store. */
export interface UnitKey {
  readonly kind: CopyKind;
  readonly key: string;
}

/** A unit as a store holds it; `copy` is undefined when it is not there. */
export type Unit = { readonly [Kind in CopyKind]: UnitOf<Kind> }[CopyKind];

/** A unit of one kind. */
export interface UnitOf<Kind extends CopyKind> {
  readonly kind: Kind;
  readonly key: string;
  readonly copy: Copies[Kind] | undefined;
}

/** Values of a session that can be large. */
export type SessionValues = Pick<SessionRecord, 'input' | 'settings' | 'policies' | 'metadata' | 'result'>;

/** A session's row. */
export type SessionCopy = Omit<SessionRecord, keyof SessionValues> & {
  /** Rises with each session that is recorded: the order in which sessions are listed. */
  readonly order: number;
};

/** A batch's row. Token and owner are those of the newest claim, where the store keeps them. */
export type BatchRowCopy = Omit<BatchRecord, 'sessionId'> & {
  /** Claims so far. */
  readonly execution: number;
  readonly ms: number | null;
  /** Items of its dead letters, purged ones included. */
  readonly givenUp: number;
  /** Its output was found in the cache. */
  readonly cached: boolean;
};

/** A batch with all that hangs on it. */
export interface BatchCopy {
  /** Null when only letters are there yet: an item may die as part of a neighbour before its own batch is cut. */
  readonly row: BatchRowCopy | null;
  /** Those that the row itself does not tell, oldest first. */
  readonly attempts: readonly Omit<AttemptRecord, 'sessionId' | 'number'>[];
  /** Oldest first. */
  readonly outputs: readonly (Omit<OutputRecord, 'number'> & { readonly counters: Readonly<Record<string, number>> | null })[];
  /** By place. */
  readonly letters: readonly Omit<DeadLetter, 'sessionId' | 'number'>[];
}

/** Names a unit that is known by several words. */
export function joinKey(...words: readonly (string | number)[]): string {
  return JSON.stringify(words);
}

/** The words that a key was made of. */
export function splitKey(key: string): readonly [string, string, string] {
  const words = (JSON.parse(key) as readonly (string | number)[]).map(String);
  return [words[0] ?? '', words[1] ?? '', words[2] ?? ''];
}

/** What must be there before a unit can be: its session, its tick, its schedule. */
export function parentOf({ kind, key }: UnitKey): UnitKey | undefined {
  switch (kind) {
    case 'values':
      return { kind: 'sessions', key };
    case 'batches':
      return { kind: 'sessions', key: readBatchKey(key).session };
    case 'ticks':
      return { kind: 'schedules', key: splitKey(key)[0] };
    case 'tick_inputs':
      return { kind: 'ticks', key: joinKey(splitKey(key)[0], Number(splitKey(key)[1])) };
    default:
      return undefined;
  }
}

/** Names a batch's unit. */
export function batchKey(session: SessionId, number: number): string {
  return `${session}#${number}`;
}

/** The batch that a key names. */
export function readBatchKey(key: string): { readonly session: SessionId; readonly number: number } {
  const end = key.lastIndexOf('#');
  return { session: key.slice(0, end) as SessionId, number: Number(key.slice(end + 1)) };
}

/** A page of keys; of batches those of one session. */
export type KeyPage = {
  /** Continue behind this key, whether it is still there or not. */
  readonly after?: string;
  readonly limit: number;
} & (
  | { readonly kind: Exclude<CopyKind, 'batches'>; readonly session?: never }
  | { readonly kind: 'batches'; readonly session: SessionId }
);

/** Units as they were at one moment, by the store's clock. */
export interface Reading {
  readonly at: Timestamp;
  readonly units: readonly Unit[];
}

/** Row by row access to a store. Each method is one transaction. */
export interface Replica {
  /** Keys of a kind, each once, in an order of the store's own that no write changes. */
  list(page: KeyPage): Promise<readonly string[]>;
  /** Which of these units are not there. */
  absent(keys: readonly UnitKey[]): Promise<readonly UnitKey[]>;
  /** Reads units, in the order of the keys: as many of the first ones as have about `bytes` of outputs, and at least one. */
  read(keys: readonly UnitKey[], bytes: number): Promise<Reading>;
  /**
   * Replaces units by what is given, and deletes those without a copy. What a unit needs (see {@link parentOf}) is there, or comes before it. The store's
   * clock is not behind `at` afterwards. Waits for no other process: a store that is busy fails.
   */
  write(reading: Reading): Promise<void>;
  /** Which part the store plays in a pair; undefined when in none. */
  stage(): Promise<StageRecord | undefined>;
  /** Writes it, if the recorded epoch is still this one (0: there is none). Answers whether it did. */
  setStage(record: StageRecord, epoch: number): Promise<boolean>;
  /** Owners whose lease has not run out. */
  liveOwners(): Promise<readonly OwnerId[]>;
}

/**
 * How far a change from an old store to a new one has come. `off`: the new one is not touched. `shadow`: the old one decides, and its
 * rows are copied. `primary`: the new one decides, and its rows are copied back, so that the old one can take over again. `only`: the new
 * one decides alone, and the old one is an archive.
 */
export type ShadowStage = 'off' | 'shadow' | 'primary' | 'only';

/** What each store of a pair holds about it. */
export interface StageRecord {
  /** Names the pair: the same in both. */
  readonly pair: string;
  /** Rises with each change. */
  readonly epoch: number;
  readonly stage: ShadowStage;
  /** The stage that a change is on its way to; null when none is. Meanwhile no host is let in. */
  readonly moving: ShadowStage | null;
  /** Which of the two this one is. */
  readonly side: 'old' | 'new';
}

/** The side that decides in a stage. */
export function decidingSide(stage: ShadowStage): StageRecord['side'] {
  return stage === 'off' || stage === 'shadow' ? 'old' : 'new';
}
