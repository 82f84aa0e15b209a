/** Lets so many through at once; the others wait, first come, first served. */
export interface Gate {
  /** Waits for a free slot and runs in it. */
  through<T>(body: () => Promise<T>): Promise<T>;
}

/** Opens a gate of so many slots. */
export function openGate(slots: number): Gate {
  let free = slots;
  const waiting: (() => void)[] = [];
  return {
    async through(body) {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await body();
      } finally {
        const next = waiting.shift();
        // A waiting one takes the slot over: `free` does not change.
        if (next) next();
        else free++;
      }
    },
  };
}
