/** What a first signal asks for, and what a second one gets. */
export interface Interrupts {
  /** Whether a signal came. */
  readonly interrupted: boolean;
  /** Listens no more. */
  stop(): void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Calls `drain` on the first SIGINT, SIGTERM or SIGHUP and `quit` on the second. */
export function onInterrupt(drain: () => void, quit: () => void): Interrupts {
  let count = 0;
  const listener = (): void => {
    count++;
    if (count === 1) drain();
    else quit();
  };
  for (const signal of signals) process.on(signal, listener);
  return {
    get interrupted() {
      return count > 0;
    },
    stop() {
      for (const signal of signals) process.off(signal, listener);
    },
  };
}
