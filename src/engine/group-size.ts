/** How long a group should be at work: long enough that its dispatch (some 100 µs) is small beside it, short enough to be fair. */
const targetMs = 4;
/** Rows per transaction above which grouping gains nothing more. */
const most = 512;

/** Learns from what batches took how many of them should travel together. */
export interface GroupSize {
  current(): number;
  /** Tells what a group of batches took in its worker. */
  learn(batches: number, ms: number): void;
}

/** Begins with single batches and grows at most fourfold a step, so that one cheap batch says little about the next. */
export function createGroupSize(): GroupSize {
  let size = 1;
  let perBatchMs: number | undefined;
  return {
    current: () => size,
    learn(batches, ms) {
      if (batches === 0) return;
      const seen = ms / batches;
      perBatchMs = perBatchMs === undefined ? seen : perBatchMs * 0.7 + seen * 0.3;
      const wanted = Math.round(targetMs / Math.max(perBatchMs, targetMs / most));
      size = Math.max(1, Math.min(wanted, size * 4, most));
    },
  };
}
