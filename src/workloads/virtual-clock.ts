import { type Clock, systemClock } from '../model/clock.ts';
import type { Store } from '../model/store.ts';

/** A clock for a store whose polls have times of their own. Between polls it stands still. */
export interface VirtualClock extends Clock {
  /** Goes on to a moment, in epoch milliseconds; never back. */
  advanceTo(moment: number): void;
}

/**
 * A clock that begins now; or, for a store that was used before, at the last moment that was written there, so that an interrupted run goes on
 * in its own time. Timers go by the machine: nobody waits for virtual time.
 *
 * Leases are told by the store's clock: give the engine a `lease` that is longer than all polls take.
 *
 * @param open - Makes the store with a clock, to look into it: it is opened and closed again.
 */
export async function virtualClock(open?: (clock: Clock) => Store): Promise<VirtualClock> {
  let time = 0;
  const clock: VirtualClock = {
    now: () => time,
    after: systemClock.after,
    advanceTo(moment) {
      time = Math.max(time, moment);
    },
  };
  const store = open?.(clock);
  if (store) {
    await store.open();
    time = await store.now();
    await store.close();
  }
  if (time === 0) time = systemClock.now();
  return clock;
}
