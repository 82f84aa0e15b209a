/** What a first signal asks for, and what a second one gets. */
export interface Interrupts {
  /** The first signal that came. */
  readonly signal: Interruption | undefined;
  /** Listens no more. */
  stop(): void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A signal that asks a command to end. */
export type Interruption = (typeof signals)[number];

/** Calls `drain` on the first SIGINT, SIGTERM or SIGHUP and `quit` on the second, with the signal that came. */
export function onInterrupt(drain: (signal: Interruption) => void, quit: (signal: Interruption) => void): Interrupts {
  let first: Interruption | undefined;
  const listener = (signal: Interruption): void => {
    if (first) quit(signal);
    else {
      first = signal;
      drain(signal);
    }
  };
  for (const signal of signals) process.on(signal, listener);
  return {
    get signal() {
      return first;
    },
    stop() {
      for (const signal of signals) process.off(signal, listener);
    },
  };
}
