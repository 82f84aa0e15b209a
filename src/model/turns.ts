/** Runs what it is given one after another. */
export interface Turns {
  /** Runs it behind all that was given before, whatever became of that. Settles as it does. */
  take<T>(act: () => Promise<T>): Promise<T>;
  /** Resolves when what was given so far is done. Never rejects. */
  idle(): Promise<unknown>;
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take(act) {
      const mine = last.then(act);
      // `mine` carries its failure to its own caller; the next turn begins all the same.
      last = mine.catch(() => undefined);
      return mine;
    },
    idle: () => last,
  };
}
