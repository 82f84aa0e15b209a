import type { Store } from '../../src/model/store.ts';

/** A host's view of a store, for as long as it lives. */
export interface Mortal {
  readonly store: Store;
  /** The host is killed: from now on nothing it asks is done or answered. */
  die(): void;
  isDead(): boolean;
}

/** A store as a host sees it that can be killed at any moment. */
export function mortal(store: Store): Mortal {
  let isDead = false;
  const never = new Promise<never>(() => undefined);
  const guarded = new Proxy(store, {
    get(target, name: keyof Store) {
      const member = target[name];
      if (typeof member !== 'function') return member;
      if (name === 'close') return async () => undefined;
      return (...given: unknown[]) => (isDead ? never : (member as (...all: unknown[]) => unknown).apply(target, given));
    },
  });
  return {
    store: guarded,
    die: () => {
      isDead = true;
    },
    isDead: () => isDead,
  };
}
