import { setImmediate as breathe } from 'node:timers/promises';
import type { Clock } from '../../../model/clock.ts';
import { messageOf } from '../../../model/error-info.ts';
import type { Logger } from '../../../model/logger.ts';
import type { UnitKey } from '../../../model/replica.ts';
import type { Store } from '../../../model/store.ts';
import { createTurns } from '../../../model/turns.ts';
import { copyUnits, withParents } from './copy-units.ts';
import type { Marks } from './marks.ts';
import { isDifferent } from './repair.ts';
import { type Search, searchFor } from './searches.ts';
import { type Walk, type Way, walkScope } from './walk.ts';

/** Copies what is marked, in the background. */
export interface Copier {
  /** Something was marked. */
  wake(): void;
  /** What is marked or on its way. */
  pending(): number;
  /** Why nothing is copied at present; null when all is well. */
  trouble(): string | null;
  /** Copies until nothing is marked, or the copy has failed `tries` times in a row. Answers whether nothing is left. */
  drain(tries: number): Promise<boolean>;
  /** Does something while nothing is being copied. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Copies nothing from now on. */
  stop(): void;
}

/** What a copier works with. */
export interface CopierParts {
  readonly marks: Marks;
  /** The store that decides. */
  store(): Store;
  /** The one that is copied to. */
  copy(): Store;
  /** Opens the copy, if it is not open: rejects as long as it can't be had. */
  connect(): Promise<Way>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long marks are gathered: a batch is claimed, settled and followed by the next in a few milliseconds. */
const gatherMs = 10;
/** A group takes about 2 ms where both stores are files; then the host has its turn. */
const pauseMs = 2;
const groupSize = 64;
const firstRetryMs = 50;
const longestRetryMs = 5_000;

export function createCopier(parts: CopierParts): Copier {
  const { marks, clock, logger } = parts;
  const steps = createSteps(parts);
  let cancelTimer: (() => void) | undefined;
  let isStopped = false;
  let failures = 0;
  let trouble: string | null = null;
  const turns = createTurns();

  const isIdle = (): boolean => marks.count() + steps.underWay() === 0;
  const plan = (ms: number): void => {
    if (cancelTimer || isStopped || isIdle()) return;
    cancelTimer = clock.after(ms, () => void turns.take(beat), { background: true });
  };
  const tryStep = async (): Promise<boolean> => {
    try {
      await steps.next();
      if (trouble !== null) logger.info({ pending: marks.count() }, 'the copy of the store can be written again');
      trouble = null;
      failures = 0;
      return true;
    } catch (error) {
      failures++;
      if (trouble === null)
        logger.warn({ error: messageOf(error) }, 'the copy of the store could not be written; it will be tried again');
      trouble = messageOf(error);
      return false;
    }
  };
  const beat = async (): Promise<void> => {
    const isDone = isStopped || (await tryStep());
    cancelTimer = undefined;
    plan(isDone ? pauseMs : Math.min(firstRetryMs * 2 ** (failures - 1), longestRetryMs));
  };
  return {
    wake: () => plan(gatherMs),
    pending: () => marks.count() + steps.underWay(),
    trouble: () => trouble,
    drain: (tries) =>
      turns.take(async () => {
        for (let failed = 0; failed < tries && !isIdle() && !isStopped; ) {
          failed = (await tryStep()) ? 0 : failed + 1;
          // Stores that never leave the thread would keep timers waiting, and with them whoever set a limit.
          await breathe();
        }
        return isIdle();
      }),
    alone: turns.take,
    stop() {
      isStopped = true;
      cancelTimer?.();
    },
  };
}

/** The way of what is marked: units one group after another, then parts page by page, then what has to be found first. */
function createSteps({ marks, store, copy, connect }: CopierParts): { next(): Promise<void>; underWay(): number } {
  let group: readonly UnitKey[] = [];
  // What failed together is tried in halves: a row that can't be copied is soon alone, and keeps no others back.
  const halves: (readonly UnitKey[])[] = [];
  let walk: Walk | undefined;
  let search: Search | undefined;

  const copyGroup = async (way: Way, keys: readonly UnitKey[]): Promise<void> => {
    if (keys.length === 0) return;
    group = keys;
    try {
      marks.putBack(await copyUnits(way, withParents(keys)));
    } catch (error) {
      const middle = Math.ceil(keys.length / 2);
      if (keys.length > 1) halves.push(keys.slice(0, middle), keys.slice(middle));
      else marks.putBack(keys);
      throw error;
    } finally {
      group = [];
    }
  };
  const walkOn = async (way: Way, one: Walk): Promise<void> => {
    const pairs = await one.next();
    if (!pairs) walk = undefined;
    else
      await copyGroup(
        way,
        pairs.filter(isDifferent).map(({ key }) => key),
      );
  };
  return {
    async next() {
      const way = await connect();
      await copyGroup(way, halves.shift() ?? marks.take(groupSize));
      if (!walk) {
        const scope = marks.takeScope();
        if (scope) walk = walkScope(way, scope);
      }
      if (walk) return walkOn(way, walk);
      if (!search) {
        const wanted = marks.takeSearch();
        if (wanted) search = searchFor(wanted, { way, store: store(), copy: copy(), marks });
      }
      if (search && !(await search.next())) search = undefined;
    },
    underWay: () => group.length + halves.flat().length + Number(walk !== undefined) + Number(search !== undefined),
  };
}
