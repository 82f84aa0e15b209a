import type { Limits } from '../../model/work.ts';
import { checkLimits, LimitPassedError } from '../worker/limits.ts';
import { monotonicMs } from '../worker/monotonic-clock.ts';
import type { Note } from '../worker/note.ts';
import type { Runtime } from '../worker/site.ts';

/**
 * Waits for work that shares the host's loop, no longer than its limits and only until it is given up.
 *
 * The work itself can't be ended from outside: its signal aborts, its outcome is ignored, and its code may run on.
 * Code that blocks the loop blocks these clocks, too.
 */
export function waitWithin(limits: Limits, note: Note, signal: AbortSignal): Runtime['wait'] {
  return <T>(promise: PromiseLike<T>) =>
    new Promise<T>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
      };
      const giveUp = (): void => {
        done();
        reject(signal.reason);
      };
      const check = (): void => {
        const state = checkLimits(note.read(), limits, monotonicMs());
        if (state.passed) {
          done();
          reject(new LimitPassedError(state.passed));
        } else if (Number.isFinite(state.waitMs)) {
          timer = setTimeout(check, Math.ceil(state.waitMs));
        }
      };
      promise.then(resolve, reject).then(done, done);
      if (signal.aborted) return giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      check();
    });
}
