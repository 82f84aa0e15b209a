/** What runs on after its batch has returned is waited for no longer than this. A server that is never closed would hold for ever. */
const maxQuietMs = 500;
const lookEveryMs = 5;

/** Waits until the loop has no more to do than when this was made: a late failure shows before that, or hits nobody. */
export function quietLoop(): () => Promise<void> {
  const before = process.getActiveResourcesInfo().length;
  return async () => {
    const until = performance.now() + maxQuietMs;
    do {
      await pause();
    } while (process.getActiveResourcesInfo().length > before && performance.now() < until);
  };
}

/** A pause that does not itself count as something to do. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, lookEveryMs).unref();
  });
}
