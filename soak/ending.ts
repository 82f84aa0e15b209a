/** That a round is over: seen at once, and waited for by many. */
export interface Ending {
  readonly reached: Promise<void>;
  isReached(): boolean;
  reach(): void;
}

export function createEnding(): Ending {
  let isReached = false;
  let resolve: () => void = () => undefined;
  const reached = new Promise<void>((done) => {
    resolve = done;
  });
  return {
    reached,
    isReached: () => isReached,
    reach() {
      isReached = true;
      resolve();
    },
  };
}
