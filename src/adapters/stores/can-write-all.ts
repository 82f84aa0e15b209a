import type { Token } from '../../model/ids.ts';
import type { BatchState } from '../../model/moves.ts';
import type { BatchWrite } from '../../model/store.ts';
import { isLegalWrite } from './tally.ts';

/** What of a batch decides whether a write of it holds. */
export interface WritableBatch {
  readonly state: BatchState;
  readonly token: Token | null;
}

/** Whether every write of a list would be done, one after the other, under the current epoch. Nothing is changed. */
export function canWriteAll(writes: readonly BatchWrite[], batchOf: (number: number) => WritableBatch | undefined): boolean {
  const moved = new Map<number, BatchState>();
  return writes.every((write) => {
    const batch = batchOf(write.number);
    if (!batch || !isLegalWrite(write) || (moved.get(write.number) ?? batch.state) !== write.from) return false;
    if (write.from === 'running' && (batch.token === null || batch.token !== write.token)) return false;
    moved.set(write.number, write.to);
    return true;
  });
}
