import type { Recycle } from '../../model/executor.ts';

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
