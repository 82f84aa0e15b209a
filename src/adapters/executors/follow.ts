import { setMaxListeners } from 'node:events';

/** A signal that aborts when one of others does. */
export interface Followed {
  readonly signal: AbortSignal;
  /** Lets go of the others. `AbortSignal.any` can't: followers of a long-lived signal would pile up. */
  release(): void;
}

/** Follows signals until released. */
export function follow(leaders: readonly AbortSignal[]): Followed {
  const controller = new AbortController();
  const releases = leaders.map((leader) => {
    const abort = (): void => controller.abort(leader.reason);
    if (leader.aborted) abort();
    // As many followers as there are groups at once: more than ten are no leak.
    setMaxListeners(0, leader);
    leader.addEventListener('abort', abort, { once: true });
    return () => leader.removeEventListener('abort', abort);
  });
  return {
    signal: controller.signal,
    release() {
      for (const release of releases) release();
    },
  };
}
