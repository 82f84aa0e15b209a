import { checkOptionNames, checkWhole } from '../../model/check-option-names.ts';
import { type Clock, systemClock } from '../../model/clock.ts';
import { messageOf } from '../../model/error-info.ts';
import { MillraceError } from '../../model/errors.ts';
import type { SessionId } from '../../model/ids.ts';
import { type Logger, silentLogger } from '../../model/logger.ts';
import type { StageRecord } from '../../model/replica.ts';
import type { Store } from '../../model/store.ts';
import { controlPair, type PairControl } from './shadow/control.ts';
import { type Copier, createCopier } from './shadow/copier.ts';
import { createMarks, type Marks } from './shadow/marks.ts';
import { beginPair, isCopying, joinPair, pairOf, readPair, rolesOf, type Side, wayOf } from './shadow/pair.ts';
import { watchedMethods } from './shadow/watch-writes.ts';

/** Options of {@link shadow}. */
export interface ShadowOptions {
  /** How many changed rows are kept by name until they are copied; beyond that whole sessions are compared. From 1,000. @default 100_000 */
  queue?: number;
  /** Told when the copy can't be written, and when it can again. @default silent */
  logger?: Logger;
  /** Where timers come from. @default the machine's clock */
  clock?: Clock;
}

/** A pair of stores, used as one. What can be asked of the pair itself is asked once it is open. */
export interface ShadowStore extends Store, PairControl {}

const optionNames = { queue: true, logger: true, clock: true } as const satisfies Record<keyof ShadowOptions, true>;

/** How long a close waits for the copy. */
const closeMs = 30_000;
/** How often in a row a copy may fail while the store is closed. */
const triesAtClose = 20;

/**
 * Two stores side by side: one decides, and each of its rows that a write has changed is copied to the other, behind it. The copy never
 * fails a call, and no call waits for it. Which of the two decides is recorded in both, and goes from the first to the second in stages:
 * see `promote`, `demote`, and `millrace shadow`. Two stores that are no pair yet become one, in the stage `shadow`.
 *
 * @throws InvalidOptionError; when opened, MillraceError `SHADOW_PAIR`, or what the store that decides throws.
 */
export function shadow(primary: Store, secondary: Store, options: ShadowOptions = {}): ShadowStore {
  checkOptionNames(options, 'shadow', optionNames);
  checkWhole(options.queue, 'shadow: queue', 1_000, 10_000_000);
  const { queue = 100_000, logger = silentLogger, clock = systemClock } = options;
  const pair = pairOf(primary, secondary);
  const marks = createMarks(queue);
  const jobs = new Map<SessionId, string>();
  let record: StageRecord | undefined;
  const roles = (): { readonly deciding: Side; readonly copy: Side } => {
    if (!record) throw new MillraceError('STORE_FAILED', 'The shadow store is not open. Call open() first, once.');
    return rolesOf(pair, record.stage);
  };
  const copier = makeCopier(marks, roles, () => record, { clock, logger });
  const { alone, pending, trouble } = copier;
  const changed = (next: StageRecord): void => {
    record = next;
  };
  return {
    name: 'shadow',
    get supports() {
      return record ? roles().deciding.store.supports : primary.supports;
    },
    async open() {
      try {
        record = (await readPair(pair)) ?? (await beginPair(pair));
        await roles().deciding.open();
      } catch (error) {
        record = undefined;
        for (const side of [pair.new, pair.old]) await side.close();
        throw error;
      }
    },
    async close() {
      if (!record) return;
      const { deciding, copy } = roles();
      await finishCopies(copier, { clock, logger });
      record = undefined;
      await copy
        .close()
        .catch((error: unknown) => logger.warn({ error: messageOf(error) }, 'the copy of the store could not be closed'));
      await deciding.close();
    },
    operations: () => (record ? roles().deciding.store.operations() : { transactions: 0, rowsWritten: 0 }),
    ...watchedMethods(
      () => roles().deciding.store,
      (note) => {
        if (!record || !isCopying(record.stage)) return;
        note({ marks, jobs });
        copier.wake();
      },
    ),
    ...controlPair(pair, { alone, pending, trouble, changed }),
  };
}

type Surroundings = Required<Pick<ShadowOptions, 'clock' | 'logger'>>;

function makeCopier(
  marks: Marks,
  roles: () => { readonly deciding: Side; readonly copy: Side },
  record: () => StageRecord | undefined,
  surroundings: Surroundings,
): Copier {
  let joined: StageRecord | undefined;
  return createCopier({
    marks,
    ...surroundings,
    store: () => roles().deciding.store,
    copy: () => roles().copy.store,
    async connect() {
      const both = roles();
      const stage = record();
      await both.copy.open();
      if (stage && joined !== stage) {
        await joinPair(both.copy, stage);
        joined = stage;
      }
      return wayOf(both);
    },
  });
}

/** What can't be copied any more shows in a comparison, and a repair copies it. */
async function finishCopies(copier: Copier, { clock, logger }: Surroundings): Promise<void> {
  let cancel: () => void = () => undefined;
  const late = new Promise<boolean>((resolve) => {
    cancel = clock.after(closeMs, () => resolve(false), { background: true });
  });
  const isDone = await Promise.race([copier.drain(triesAtClose), late]);
  cancel();
  copier.stop();
  if (!isDone) logger.warn({ pending: copier.pending() }, 'the copy of the store is out of step: compare the two, and mend it');
}
