import type { Clock } from '../../../src/model/clock.ts';
import type { Store } from '../../../src/model/store.ts';

/**
 * How a store goes wrong at one operation: an error and nothing was done; an error although it was done, so that nobody knows;
 * no answer for longer than a beat of the lease, and then an error; or errors to everybody for longer than a lease.
 */
export const faultWays = ['error before', 'error after', 'hang', 'outage'] as const;

export type FaultWay = (typeof faultWays)[number];

export interface FaultyStore {
  readonly store: Store;
  /** The n-th operation from now on goes wrong in this way; the others do not. */
  arm(at: number, way: FaultWay): void;
  /** Which operation went wrong; undefined when there were not so many. */
  readonly hit: keyof Store | undefined;
}

const hangMs = 12_000;
const outageMs = 45_000;

/** What a host may call while it runs: making ready and letting go are not among them. */
const passedThrough: readonly PropertyKey[] = ['name', 'supports', 'operations', 'open', 'close'];

/** A store of which one operation goes wrong. */
export function faultyStore(inner: Store, clock: Clock): FaultyStore {
  let left = 0;
  let way: FaultWay = 'error before';
  let hit: keyof Store | undefined;
  let outUntil = 0;
  const fail = (name: keyof Store): never => {
    throw new Error(`no answer from the store to ${name}`);
  };
  const store = new Proxy(inner, {
    get(target, name: keyof Store) {
      const member = target[name];
      if (passedThrough.includes(name) || typeof member !== 'function') return member;
      const call = member as (...given: unknown[]) => Promise<unknown>;
      return async (...given: unknown[]) => {
        if (clock.now() < outUntil) fail(name);
        if (--left !== 0) return call.apply(target, given);
        hit = name;
        if (way === 'outage') outUntil = clock.now() + outageMs;
        if (way === 'error after') await call.apply(target, given);
        if (way === 'hang') await new Promise<void>((resolve) => void clock.after(hangMs, resolve));
        return fail(name);
      };
    },
  });
  return {
    store,
    arm(at, newWay) {
      left = at;
      way = newWay;
      hit = undefined;
    },
    get hit() {
      return hit;
    },
  };
}
