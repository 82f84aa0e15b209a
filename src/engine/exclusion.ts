/** Lets many go together, or one alone. */
export interface Exclusion {
  /** Goes at once, unless one goes alone or waits to. */
  together<T>(body: () => Promise<T>): Promise<T>;
  /** Waits until all others have ended; then these wait. */
  alone<T>(body: () => Promise<T>): Promise<T>;
}

export function createExclusion(): Exclusion {
  const going = new Set<Promise<unknown>>();
  /** Resolves when the last of those that asked to go alone has gone. */
  let lastAlone: Promise<unknown> | undefined;

  const settled = (promises: Iterable<Promise<unknown>>): Promise<unknown> => Promise.allSettled([...promises]);
  const note = <T>(run: Promise<T>): Promise<T> => {
    going.add(run);
    const gone = (): void => void going.delete(run);
    run.then(gone, gone);
    return run;
  };

  return {
    async together(body) {
      while (lastAlone) await settled([lastAlone]);
      return note(body());
    },
    alone(body) {
      const before = lastAlone;
      const run = (async () => {
        if (before) await settled([before]);
        await settled(going);
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
