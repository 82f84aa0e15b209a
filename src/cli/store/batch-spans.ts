import { pages } from '../../engine/live/view.ts';
import type { SessionId } from '../../model/ids.ts';
import type { AttemptRecord } from '../../model/records.ts';
import type { Store } from '../../model/store.ts';
import type { BatchSpan } from '../../workloads/tracks/outputs/shapes.ts';

/** Every ended attempt of a session, oldest first, read page by page. */
export function attemptsOf(store: Store, sessionId: SessionId): AsyncGenerator<AttemptRecord> {
  return pages((after, limit) => store.listAttempts({ sessionId, after, limit }));
}

/**
 * The batches of a session on lanes, for a timeline.
 *
 * The store knows when a batch was claimed and settled, and how long its work took, but not which thread took it; groups are claimed
 * and settled together. So batches are laid one after another on as many lanes as there were workers, each where the next lane is free.
 */
export async function batchSpans(store: Store, sessionId: SessionId, workers: number): Promise<BatchSpan[]> {
  const attempts: AttemptRecord[] = [];
  for await (const attempt of attemptsOf(store, sessionId)) attempts.push(attempt);
  attempts.sort((a, b) => a.claimedAt - b.claimedAt || a.endedAt - b.endedAt || a.number - b.number);
  const free: number[] = Array(Math.max(1, workers)).fill(Number.NEGATIVE_INFINITY);
  return attempts.map(({ number, outcome, claimedAt, endedAt, ms }) => {
    const length = Math.min(ms ?? Number.POSITIVE_INFINITY, endedAt - claimedAt);
    const lane = free.indexOf(Math.min(...free));
    const startedAt = Math.min(Math.max(claimedAt, free[lane] ?? claimedAt), endedAt - length);
    free[lane] = startedAt + length;
    return { number, lane: `lane ${lane + 1}`, assumedLane: true, status: outcome, startedAt, endedAt: startedAt + length };
  });
}
