import type { Clock } from '../../model/clock.ts';
import { messageOf } from '../../model/error-info.ts';
import { MillraceError } from '../../model/errors.ts';
import type { Logger } from '../../model/logger.ts';

const firstPauseMs = 100;
const longestPauseMs = 5_000;

/**
 * Keeps asking a store that fails: what is to be written is kept, and whoever waits for it waits.
 * An error that no store mends by waiting is thrown at once: a value that can't be written will not become one that can.
 */
export interface Persist {
  <T>(write: () => Promise<T>): Promise<T>;
  /** Why nothing is written at present; null when all is well. */
  trouble(): string | null;
  /** From now on a failure is final. */
  close(): void;
}

export function createPersist(ports: { clock: Clock; logger: Logger; storeName: string }): Persist {
  let trouble: string | null = null;
  let closed = false;
  const pausing = new Set<() => void>();
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const goOn = (): void => {
        cancel();
        pausing.delete(goOn);
        resolve();
      };
      const cancel = ports.clock.after(ms, goOn);
      pausing.add(goOn);
    });
  const persist = async <T>(write: () => Promise<T>): Promise<T> => {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        const answer = await write();
        trouble = null;
        return answer;
      } catch (cause) {
        if (closed) throw new MillraceError('STORE_FAILED', `Store ${ports.storeName} could not be written.`, { cause });
        if (isMistake(cause)) throw cause;
        trouble = `store ${ports.storeName}: ${messageOf(cause)}`;
        ports.logger.error({ error: trouble, retryInMs: pauseMs }, 'store write failed; it will be tried again');
        await pause(pauseMs);
      }
    }
  };
  return Object.assign(persist, {
    trouble: () => trouble,
    close: () => {
      closed = true;
      for (const goOn of pausing) goOn();
    },
  });
}

/** Whether what a session waits for is its store, and not a seat, a rate or a host. */
export function isStoreTrouble(waitingFor: string | null): boolean {
  return waitingFor?.startsWith('store ') ?? false;
}

/**
 * Whether an error tells of a wrong value, and not of a store in trouble. A `TypeError` with a cause is none: so `fetch` reports a
 * lost connection. Stores give a driver's error as the cause of their own.
 */
function isMistake(error: unknown): boolean {
  if (error instanceof MillraceError) return error.code === 'STORE_FAILED' ? isMistake(error.cause) : true;
  const isWrong = error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
  return isWrong && error.cause === undefined;
}
