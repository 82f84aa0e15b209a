/**
 * How long a group should be at work: long enough that its dispatch is small beside it, short enough to be fair.
 * Measured: host and worker together spend 0.5 to 1 ms of CPU time on a group, whatever is in it.
 */
const targetMs = 8;
/** Batches in a group at most: with more, none gets cheaper, and a dead worker leaves more suspects. */
const most = 512;
/** What earlier groups still count when the next is learned from. */
const memory = 0.7;

/** Learns from what batches took how many of them should travel together. */
export interface GroupSize {
  current(): number;
  /** Tells what a group of batches took in its worker. */
  learn(batches: number, ms: number): void;
}

/**
 * Begins with single batches and at most doubles with an answer: one cheap batch says little about the next, and all of a group
 * that a worker dies in must run again alone.
 * A group counts by its batches: the first ones, slow because their code is cold, are soon outweighed.
 */
export function createGroupSize(): GroupSize {
  let size = 1;
  let seenBatches = 0;
  let seenMs = 0;
  return {
    current: () => size,
    learn(batches, ms) {
      if (batches === 0) return;
      seenBatches = seenBatches * memory + batches;
      seenMs = seenMs * memory + ms;
      const perBatchMs = Math.max(seenMs / seenBatches, targetMs / most);
      size = Math.max(1, Math.min(Math.round(targetMs / perBatchMs), size * 2));
    },
  };
}
