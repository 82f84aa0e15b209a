import type { Clock } from '../model/clock.ts';

/** Lets many go together, or one alone. */
export interface Exclusion {
  /** Goes at once, unless one goes alone or waits to. */
  together<T>(body: () => Promise<T>): Promise<T>;
  /** Waits until all others have ended; then these wait. */
  alone<T>(body: () => Promise<T>): Promise<T>;
}

/** The longest wait for others. Work in place that runs another job waits for it itself: whoever waits longer goes beside it. */
const patienceMs = 10_000;

export function createExclusion(clock: Pick<Clock, 'after'>): Exclusion {
  const going = new Set<Promise<unknown>>();
  /** Resolves when the last of those that asked to go alone has gone. */
  let lastAlone: Promise<unknown> | undefined;

  /** Resolves when they have ended, one way or another, or took too long. */
  const ended = (promises: readonly Promise<unknown>[]): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(patienceMs, resolve);
      void Promise.allSettled(promises).then(() => {
        cancel();
        resolve();
      });
    });
  const note = <T>(run: Promise<T>): Promise<T> => {
    going.add(run);
    const gone = (): void => void going.delete(run);
    run.then(gone, gone);
    return run;
  };

  return {
    async together(body) {
      if (lastAlone) await ended([lastAlone]);
      return note(body());
    },
    alone(body) {
      const before = [...going, ...(lastAlone ? [lastAlone] : [])];
      const run = (async () => {
        if (before.length > 0) await ended(before);
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
