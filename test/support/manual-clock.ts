import type { Clock } from '../../src/model/clock.ts';
import { turns } from './turns.ts';

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Moves the time on and fires the timers that come due, in their order. The loop gets a few turns after each. */
  advance(ms: number): Promise<void>;
  /** Timers that wait, with background ones only when asked for. */
  pending(options?: { background?: boolean }): number;
}

interface Timer {
  readonly at: number;
  readonly background: boolean;
  readonly callback: () => void;
}

export function manualClock(start = 1_700_000_000_000): ManualClock {
  let now = start;
  const timers = new Set<Timer>();
  const next = (until: number): Timer | undefined => {
    let earliest: Timer | undefined;
    for (const timer of timers) if (timer.at <= until && (!earliest || timer.at < earliest.at)) earliest = timer;
    return earliest;
  };
  return {
    now: () => now,
    after(ms, callback, options) {
      const timer = { at: now + ms, background: options?.background ?? false, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      const until = now + ms;
      for (let timer = next(until); timer; timer = next(until)) {
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.callback();
        await turns(5);
      }
      now = until;
      await turns(5);
    },
    pending: ({ background = false } = {}) => [...timers].filter((timer) => background || !timer.background).length,
  };
}
