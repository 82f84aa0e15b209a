/** When a worker is put away for a fresh one, however well it works: for libraries that leak. */
export interface Recycle {
  /** Batches that a worker may run. A whole number from 1. @default no limit */
  readonly batches?: number;
  /** Memory in MB: of the whole process for processes, heap and buffers for threads. A whole number from 16. @default no limit */
  readonly memoryMb?: number;
}

/** Counts what a worker has done. */
export interface Wear {
  /** After a group of so many batches. Answers whether the worker is to be put away. */
  isWornOut(batches: number, recycle: Recycle | undefined): boolean;
}

const bytesPerMb = 1024 * 1024;

/** @param memory - Bytes that the worker has now. Asked once a group, and only if there is a limit. */
export function createWear(memory: () => number): Wear {
  let ran = 0;
  return {
    isWornOut(batches, recycle) {
      ran += batches;
      if (!recycle) return false;
      const { batches: most = Number.POSITIVE_INFINITY, memoryMb } = recycle;
      return ran >= most || (memoryMb !== undefined && memory() > memoryMb * bytesPerMb);
    },
  };
}
