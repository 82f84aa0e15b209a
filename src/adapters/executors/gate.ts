/** Lets so many through at once; the others wait, first come, first served. */
export interface Gate {
  /** Waits for a free slot and runs in it. Who waits no longer, by `signal`, runs at once: it has nothing to do any more. */
  through<T>(body: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** Opens a gate of so many slots. */
export function openGate(slots: number): Gate {
  let free = slots;
  const waiting = new Set<() => void>();

  /** Answers whether it holds a slot. */
  const enter = (signal: AbortSignal): Promise<boolean> =>
    new Promise((resolve) => {
      const leave = (): void => {
        waiting.delete(take);
        resolve(false);
      };
      const take = (): void => {
        waiting.delete(take);
        signal.removeEventListener('abort', leave);
        resolve(true);
      };
      waiting.add(take);
      signal.addEventListener('abort', leave, { once: true });
      if (signal.aborted) leave();
    });

  const exit = (): void => {
    const [next] = waiting;
    // A waiting one takes the slot over: `free` does not change.
    if (next) next();
    else free++;
  };

  return {
    async through(body, signal) {
      let holds = free > 0;
      if (holds) free--;
      else holds = await enter(signal);
      try {
        return await body();
      } finally {
        if (holds) exit();
      }
    },
  };
}
