import { closedError } from './closed-error.ts';
import { follow } from './follow.ts';
import { openGate } from './gate.ts';

/** Lets an executor's groups to its workers, as many at once as it has slots, until it is closed. */
export interface Turnstile {
  /** Runs when a slot is free. The signal handed on aborts with the given one, and when the executor closes. @throws MillraceError `ENGINE_CLOSED` */
  through<T>(signal: AbortSignal | undefined, body: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Gives up what runs and waits for its end. Answers whether this was the first call. */
  close(): Promise<boolean>;
}

export function openTurnstile(executor: string, slots: number): Turnstile {
  const gate = openGate(slots);
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();
  return {
    async through(signal, body) {
      if (closing.signal.aborted) throw closedError(executor);
      const followed = follow(signal ? [signal, closing.signal] : [closing.signal]);
      const run = gate.through(() => body(followed.signal), followed.signal).finally(followed.release);
      running.add(run);
      return run.finally(() => running.delete(run));
    },
    async close() {
      if (closing.signal.aborted) return false;
      closing.abort(closedError(executor));
      await Promise.allSettled(running);
      return true;
    },
  };
}
