import { InvalidOptionError, ShadowRefusedError } from '../../../model/errors.ts';
import { decidingSide, type ShadowStage, type StageRecord } from '../../../model/replica.ts';
import { changeStage, stageBeside } from './change-stage.ts';
import { type CompareOptions, type Comparison, compareStores } from './compare.ts';
import { beginPair, isCopying, joinPair, type Pair, readPair, rolesOf, wayOf } from './pair.ts';
import { type Repair, repairStores } from './repair.ts';

/** How a pair stands. */
export interface ShadowStatus {
  readonly stage: ShadowStage;
  /** The stage that a change is on its way to, or was when it was interrupted; null when none is. */
  readonly moving: ShadowStage | null;
  /** Rises with each change; 0: the two are no pair yet. */
  readonly epoch: number;
  /** Which of the two decides: the first that was given, or the second. */
  readonly decides: 'old' | 'new';
  /** Hosts at work in it. */
  readonly hosts: number;
  /** What this process has still to copy: rows, or parts that stand for many. */
  readonly pending: number;
  /** Why nothing is copied at present; null when all is well. */
  readonly trouble: string | null;
}

/** Options of a change of stage. */
export interface StageOptions {
  /** Refuse the change when a smaller part of all rows is equal. From 0 to 1. @default 0.999 */
  readonly threshold?: number;
}

/** What can be asked of a pair of stores, and done with it. */
export interface PairControl {
  status(): Promise<ShadowStatus>;
  /** Compares all rows of both. */
  compare(options?: CompareOptions): Promise<Comparison>;
  /** Copies what differs, and deletes what only the copy has. @throws ShadowRefusedError in a stage that makes no copies. */
  repair(): Promise<Repair>;
  /** Goes on to the next stage. @throws ShadowRefusedError */
  promote(options?: StageOptions): Promise<ShadowStatus>;
  /** Goes back to the stage before. @throws ShadowRefusedError */
  demote(options?: StageOptions): Promise<ShadowStatus>;
}

/** What copies in this process. */
export interface Copying {
  alone<T>(work: () => Promise<T>): Promise<T>;
  pending(): number;
  trouble(): string | null;
  changed(record: StageRecord): void;
}

/** Nothing is copied in this process. */
export const notCopying: Copying = {
  alone: (work) => work(),
  pending: () => 0,
  trouble: () => null,
  changed: () => undefined,
};

const defaultThreshold = 0.999;

/** Asks and acts on a pair. */
export function controlPair(pair: Pair, copying: Copying): PairControl {
  const change = async (
    direction: 'promote' | 'demote',
    { threshold = defaultThreshold }: StageOptions,
  ): Promise<ShadowStatus> => {
    if (!(threshold >= 0 && threshold <= 1)) throw new InvalidOptionError('threshold', threshold, 'a number from 0 to 1');
    const pending = copying.pending();
    if (pending > 0) {
      throw new ShadowRefusedError(
        'queue',
        `${pending} rows, or parts of the store, still wait to be copied. Wait until none does.`,
      );
    }
    const record = await readPair(pair);
    const to = stageBeside(record?.stage ?? 'off', direction);
    copying.changed(record ? await copying.alone(() => changeStage({ pair, record, to, threshold })) : await pairUp(pair));
    return statusOf(pair, copying);
  };
  return {
    status: () => statusOf(pair, copying),
    async compare(options) {
      const record = await readPair(pair);
      const roles = rolesOf(pair, record?.stage ?? 'off');
      for (const side of [roles.deciding, roles.copy]) await side.open();
      return copying.alone(() => compareStores(wayOf(roles), options));
    },
    async repair() {
      const record = await readPair(pair);
      const stage = record?.stage ?? 'off';
      if (!record || !isCopying(stage)) {
        throw new ShadowRefusedError('stage', `The pair is in the stage ${stage}, in which nothing is copied.`);
      }
      const roles = rolesOf(pair, stage);
      await roles.copy.open();
      await joinPair(roles.copy, record);
      return copying.alone(() => repairStores(wayOf(roles)));
    },
    promote: (options = {}) => change('promote', options),
    demote: (options = {}) => change('demote', options),
  };
}

async function pairUp(pair: Pair): Promise<StageRecord> {
  await pair.new.open();
  return beginPair(pair);
}

async function statusOf(pair: Pair, copying: Copying): Promise<ShadowStatus> {
  const record = await readPair(pair);
  const stage = record?.stage ?? 'off';
  const { deciding } = rolesOf(pair, stage);
  const hosts = (await deciding.replica.liveOwners()).length;
  const { moving = null, epoch = 0 } = record ?? {};
  return { stage, moving, epoch, decides: decidingSide(stage), hosts, pending: copying.pending(), trouble: copying.trouble() };
}
