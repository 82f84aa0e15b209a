import { randomUUID } from 'node:crypto';
import { InvalidOptionError, MillraceError } from '../../../model/errors.ts';
import { decidingSide, type Replica, type ShadowStage, type StageRecord } from '../../../model/replica.ts';
import type { Store } from '../../../model/store.ts';
import type { Way } from './walk.ts';

/** One store of a pair. */
export interface Side {
  readonly side: StageRecord['side'];
  readonly store: Store;
  readonly replica: Replica;
  /** Opens it, once. What failed can be tried again. */
  open(): Promise<void>;
  /** Closes it, if it was opened. */
  close(): Promise<void>;
}

/** Two stores, of which the new one is to take the place of the old one. */
export interface Pair {
  readonly old: Side;
  readonly new: Side;
}

/** @throws InvalidOptionError when one of them can't be read row by row. */
export function pairOf(old: Store, other: Store): Pair {
  return { old: sideOf('old', old), new: sideOf('new', other) };
}

function sideOf(side: StageRecord['side'], store: Store): Side {
  const { replica } = store;
  if (!replica) {
    throw new InvalidOptionError(
      `shadow: ${side === 'old' ? 'primary' : 'secondary'}`,
      store,
      'a store with a replica, such as sqlite(path)',
    );
  }
  let opening: Promise<void> | undefined;
  return {
    side,
    store,
    replica,
    open() {
      opening ??= store.open().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    async close() {
      if (!opening) return;
      opening = undefined;
      await store.close();
    },
  };
}

/** The store that decides, and the other one. */
export function rolesOf(pair: Pair, stage: ShadowStage): { readonly deciding: Side; readonly copy: Side } {
  return decidingSide(stage) === 'old' ? { deciding: pair.old, copy: pair.new } : { deciding: pair.new, copy: pair.old };
}

/** From the store that decides to the other one. */
export function wayOf({ deciding, copy }: ReturnType<typeof rolesOf>): Way {
  return { from: deciding.replica, to: copy.replica, isShared: deciding.store.supports.shared };
}

/** Whether copies are made in a stage. */
export function isCopying(stage: ShadowStage): boolean {
  return stage === 'shadow' || stage === 'primary';
}

/**
 * Opens the stores as far as it takes to know how far the change from one to the other has come: where the old one decides, it alone.
 * Undefined when they are no pair yet.
 *
 * @throws MillraceError `SHADOW_PAIR` when they belong to different pairs, or the one that decides has lost what it held.
 */
export async function readPair({ old, new: other }: Pair): Promise<StageRecord | undefined> {
  const failed = await old.open().catch((error: unknown) => ({ error }));
  let ofOld = failed ? undefined : await old.replica.stage();
  if (ofOld && ofOld.moving === null && decidingSide(ofOld.stage) === 'old') return ofOld;
  await other.open().catch((error: unknown) => {
    throw failed ? failed.error : error;
  });
  const ofNew = await other.replica.stage();
  // Whoever made a pair of them meanwhile has told the old store first.
  if (!failed && !ofOld && ofNew) ofOld = await old.replica.stage();
  if (ofOld && ofNew && ofOld.pair !== ofNew.pair) throw notPaired('The two stores belong to different pairs.');
  const record = ofOld && ofNew ? newer(ofOld, ofNew) : (ofOld ?? ofNew);
  const isNew = record !== undefined && decidingSide(record.stage) === 'new';
  if (failed && !isNew) throw failed.error;
  if (record && !(isNew ? ofNew : ofOld))
    throw notPaired(`The ${isNew ? 'new' : 'old'} store decides, and holds nothing of this pair.`);
  return record;
}

function newer(left: StageRecord, right: StageRecord): StageRecord {
  return right.epoch > left.epoch ? right : left;
}

function notPaired(message: string): MillraceError {
  return new MillraceError('SHADOW_PAIR', `${message} Were the right two given, in the right order?`);
}

/** Makes a pair of two stores: the second must be empty. Another host may do the same at the same moment. */
export async function beginPair(pair: Pair): Promise<StageRecord> {
  if (await holdsSessions(pair.new)) {
    const theirs = await readPair(pair);
    if (theirs) return theirs;
    throw holdsOthers(pair.new);
  }
  const record = { pair: randomUUID(), epoch: 1, stage: 'shadow', moving: null } as const;
  const ofOld: StageRecord = { ...record, side: 'old' };
  if (!(await pair.old.replica.setStage(ofOld, 0))) {
    const theirs = await readPair(pair);
    if (theirs) return theirs;
  }
  await joinPair(pair.new, ofOld);
  return ofOld;
}

/** Sees to it that a store that is copied to is part of the pair, and knows the stage. */
export async function joinPair(copy: Side, record: StageRecord): Promise<void> {
  let known = await copy.replica.stage();
  // Looked at once more: another host may have joined it, and copied, in between.
  if (!known && (await holdsSessions(copy))) known = await copy.replica.stage();
  else if (!known && (await copy.replica.setStage({ ...record, side: copy.side }, 0))) return;
  else known ??= await copy.replica.stage();
  if (!known) throw holdsOthers(copy);
  if (known.pair !== record.pair) throw notPaired(`The ${copy.side} store belongs to another pair.`);
  if (known.epoch < record.epoch) await copy.replica.setStage({ ...record, side: copy.side }, known.epoch);
}

async function holdsSessions({ replica }: Side): Promise<boolean> {
  return (await replica.list({ kind: 'sessions', limit: 1 })).length > 0;
}

function holdsOthers({ side }: Side): MillraceError {
  return notPaired(`The ${side} store holds sessions, and none of this pair: copies would replace them.`);
}
