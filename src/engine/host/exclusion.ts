import type { Clock } from '../../model/clock.ts';

/** Lets many go together, or one alone. */
export interface Exclusion {
  /** Goes at once, unless one goes alone or waits to. Nobody waits on when `signal` aborts. */
  together<T>(body: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Waits until all others have ended; then these wait. */
  alone<T>(body: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** The longest wait for others. Work in place that runs another job waits for it itself: whoever waits longer goes beside it. */
const patienceMs = 10_000;

export function createExclusion(clock: Pick<Clock, 'after'>): Exclusion {
  const going = new Set<Promise<unknown>>();
  /** Resolves when the last of those that asked to go alone has gone. */
  let lastAlone: Promise<unknown> | undefined;

  /** Resolves when they have ended, one way or another, or took too long. */
  const ended = (promises: readonly Promise<unknown>[], signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const goOn = (): void => {
        cancel();
        signal.removeEventListener('abort', goOn);
        resolve();
      };
      const cancel = clock.after(patienceMs, goOn);
      signal.addEventListener('abort', goOn);
      if (signal.aborted) goOn();
      void Promise.allSettled(promises).then(goOn);
    });
  const note = <T>(run: Promise<T>): Promise<T> => {
    going.add(run);
    const gone = (): void => void going.delete(run);
    run.then(gone, gone);
    return run;
  };

  return {
    async together(body, signal) {
      if (lastAlone) await ended([lastAlone], signal);
      return note(body());
    },
    alone(body, signal) {
      const before = [...going, ...(lastAlone ? [lastAlone] : [])];
      const run = (async () => {
        if (before.length > 0) await ended(before, signal);
        return body();
      })();
      lastAlone = run;
      const gone = (): void => {
        if (lastAlone === run) lastAlone = undefined;
      };
      run.then(gone, gone);
      return run;
    },
  };
}
