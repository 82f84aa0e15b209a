import { messageOf } from '../../model/error-info.ts';

/** How long work may take to follow its signal, once its group was given up, before its worker is ended. */
const graceMs = 250;

/** What can be done to a worker whose group was given up. */
export interface GivenUpWorker {
  /** Says so to the work, so that it can end in order. */
  tell(reason: string): void;
  kill(): void;
}

/**
 * Waits for a group to be given up: first a word to its work, then, after 250 ms, an end to its worker.
 *
 * @returns stops the waiting, and takes back an end that has not come yet.
 */
export function whenGivenUp(signal: AbortSignal, { tell, kill }: GivenUpWorker): () => void {
  let timer: NodeJS.Timeout | undefined;
  const giveUp = (): void => {
    const reason: unknown = signal.reason;
    tell(messageOf(reason));
    timer = setTimeout(kill, graceMs);
  };
  if (signal.aborted) kill();
  else signal.addEventListener('abort', giveUp, { once: true });
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  };
}
