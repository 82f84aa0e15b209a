import type { Clock } from '../../model/clock.ts';
import type { Store } from '../../model/store.ts';

/** A clock that stands still until told. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

/** What a case runs in. Each case has one of its own. */
export interface StoreWorld {
  /** The store, open and empty. */
  readonly store: Store;
  /** The clock that was handed to the store. */
  readonly clock: ManualClock;
  /** Closes the store and opens it again on what it kept: `store` is the new one from then on. */
  reopen(): Promise<Store>;
  /** Another store on the same data, open, as another process would have it. */
  second(): Promise<Store>;
}

/** One behaviour that every store must have. `run` rejects when it is missing. */
export interface StoreCase {
  /** The behaviour in words. */
  readonly name: string;
  /** Run it only for stores whose `supports` says so. */
  readonly needs?: 'durable' | 'shared';
  run(world: StoreWorld): Promise<void>;
}

/** A place where stores keep their data. */
export interface StoreSite {
  /** A store on this place, not open yet. Called more than once: all of them share the data, where they can. */
  create(clock: Clock): Store;
  /** Takes away what is left there. */
  remove(): Promise<void>;
}

/** Why a case does not apply to a store; undefined when it does. */
export function reasonToSkip(storeCase: StoreCase, store: Pick<Store, 'supports'>): string | undefined {
  const { needs } = storeCase;
  return needs === undefined || store.supports[needs] ? undefined : `the store is not ${needs}`;
}

/**
 * Runs one case on an empty place, and rejects when the store fails it.
 *
 * @example
 * ```ts
 * for (const storeCase of storeCases) {
 *   test(storeCase.name, () => runStoreCase(storeCase, () => ({ create: (clock) => myStore({ clock }), remove: async () => {} })));
 * }
 * ```
 */
export async function runStoreCase(storeCase: StoreCase, makeSite: () => StoreSite | Promise<StoreSite>): Promise<void> {
  const site = await makeSite();
  const clock = manualClock();
  const opened: Store[] = [];
  const open = async (): Promise<Store> => {
    const store = site.create(clock);
    await store.open();
    opened.push(store);
    return store;
  };
  try {
    let store = await open();
    const world: StoreWorld = {
      get store() {
        return store;
      },
      clock,
      async reopen() {
        await store.close();
        opened.splice(opened.indexOf(store), 1);
        store = await open();
        return store;
      },
      second: open,
    };
    await storeCase.run(world);
  } finally {
    for (const store of opened) await store.close();
    await site.remove();
  }
}

/** Makes a clock that stands at a moment in 2025. Its timers fire in `advance`. */
export function manualClock(start = 1_750_000_000_000): ManualClock {
  let time = start;
  let timers: { readonly at: number; readonly callback: () => void }[] = [];
  return {
    now: () => time,
    after(ms, callback) {
      const timer = { at: time + ms, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      time += ms;
      const due = timers.filter(({ at }) => at <= time).sort((left, right) => left.at - right.at);
      timers = timers.filter(({ at }) => at > time);
      for (const { callback } of due) callback();
    },
  };
}
