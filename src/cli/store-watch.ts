import { isStoreTrouble } from '../engine/ports/persist.ts';
import type { Clock } from '../model/clock.ts';

/** How often a session is asked whether it waits for its store, and how long it may. */
const lookEveryMs = 1_000;
const patienceMs = 60_000;

/** Knows whether the store takes what a command writes. */
export interface StoreWatch {
  /** Why nothing is written at present; null when all is well. As of the last look. */
  readonly trouble: string | null;
  /** Looks through this session from now on. */
  look(session: WaitingSession): void;
  stop(): void;
}

/** The part of a session that is needed here. */
export interface WaitingSession {
  state(): Promise<{ readonly waitingFor: string | null }>;
}

/**
 * Watches whether a session waits for its store, such as on a full disk. The engine tries again for ever, as a service wants it;
 * whoever calls a command wants an end: `giveUp` is called once, after a minute without a look that found all well.
 */
export function watchStore(clock: Clock, giveUp: (trouble: string) => void): StoreWatch {
  let session: WaitingSession | undefined;
  let trouble: string | null = null;
  let since = 0;
  let stopped = false;
  let cancel = (): void => undefined;

  const look = async (): Promise<void> => {
    const waitingFor =
      (await session?.state().then(
        (state) => (isStoreTrouble(state.waitingFor) ? state.waitingFor : null),
        // A store that can't even be read: the write that meets the same is told of by the engine.
        () => trouble,
      )) ?? null;
    if (stopped) return;
    if (waitingFor !== null && trouble === null) since = clock.now();
    trouble = waitingFor;
    if (trouble !== null && clock.now() - since >= patienceMs) {
      stopped = true;
      giveUp(trouble);
    } else {
      cancel = clock.after(lookEveryMs, () => void look(), { background: true });
    }
  };
  cancel = clock.after(lookEveryMs, () => void look(), { background: true });
  return {
    get trouble() {
      return trouble;
    },
    look(next) {
      session = next;
    },
    stop() {
      stopped = true;
      cancel();
    },
  };
}
