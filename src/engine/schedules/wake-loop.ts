/** Does one thing at a time, whenever it is woken. */
export interface WakeLoop {
  /** Steps until there is nothing more to do; once more, if it is at work. */
  wake(): void;
  isStopped(): boolean;
  /** Resolves when the step under way has ended. */
  stop(): Promise<void>;
}

/**
 * @param step - Answers whether there may be more to do at once.
 * @param onError - Hears what a step threw; the next wake tries again.
 */
export function createWakeLoop(step: () => Promise<boolean>, onError: (error: unknown) => void): WakeLoop {
  let stopped = false;
  let isGoing = false;
  let again = false;
  let gone = Promise.resolve();
  const go = async (): Promise<void> => {
    try {
      while (!stopped && (await step()));
    } catch (error) {
      onError(error);
    }
    isGoing = false;
    if (again) loop.wake();
  };
  const loop: WakeLoop = {
    wake() {
      again = isGoing;
      if (stopped || isGoing) return;
      isGoing = true;
      gone = go();
    },
    isStopped: () => stopped,
    async stop() {
      stopped = true;
      await gone;
    },
  };
  return loop;
}
