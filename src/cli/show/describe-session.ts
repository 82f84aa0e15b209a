import type { SessionView } from '../../engine/api/session.ts';
import type { ErrorInfo } from '../../model/errors.ts';
import type { BatchState } from '../../model/moves.ts';
import type { DeadLetter, FailureGroup } from '../../model/outcome.ts';
import type { AttemptRecord, BatchRecord } from '../../model/records.ts';
import type { Store } from '../../model/store.ts';
import { attemptsOf } from '../store/batch-spans.ts';

/** A batch that failed, waits for another attempt, or was given up. */
export interface FailingBatch {
  readonly number: number;
  readonly taskId: string | null;
  readonly state: BatchState;
  readonly attempt: number;
  readonly items: number;
  readonly retryAt: number | null;
  readonly error: ErrorInfo | null;
}

/** What a stretch of a session's time saw. Epoch milliseconds. */
export interface TimelineStretch {
  readonly from: number;
  readonly to: number;
  /** Attempts that ended in it, by how. */
  readonly completed: number;
  readonly failed: number;
  readonly released: number;
}

/** The attempt that took longest. */
export interface SlowBatch {
  readonly number: number;
  readonly ms: number;
}

/** All that `millrace show` tells. */
export interface SessionDescription extends SessionView {
  /** Ended attempts by outcome. */
  readonly attempts: Readonly<Record<string, number>>;
  readonly failing: readonly FailingBatch[];
  readonly failures: readonly FailureGroup[];
  readonly deadLetters: readonly DeadLetter[];
  readonly slowest: readonly SlowBatch[];
  readonly timeline: readonly TimelineStretch[];
}

const failingStates: readonly BatchState[] = [
  'failed.waiting',
  'failed.isolating',
  'failed.dead',
  'crashed.deciding',
  'crashed.waiting',
  'crashed.isolating',
  'crashed.dead',
];
const stretches = 24;
const slowestShown = 5;

/** Reads everything about a session; lists are cut to `limit`. */
export async function describeSession(store: Store, view: SessionView, limit: number): Promise<SessionDescription> {
  const { id: sessionId } = view;
  const attempts: AttemptRecord[] = [];
  for await (const attempt of attemptsOf(store, sessionId)) attempts.push(attempt);
  const failing = await store.listBatches({ sessionId, states: failingStates, limit });
  return {
    ...view,
    attempts: countOutcomes(attempts),
    failing: failing.map(failingBatch),
    failures: await store.groupFailures(sessionId, limit),
    deadLetters: await store.listDeadLetters({ sessionId, after: 0, limit }),
    slowest: slowest(attempts),
    timeline: timelineOf(attempts),
  };
}

function failingBatch({ number, taskId, state, attempt, items, retryAt, error }: BatchRecord): FailingBatch {
  return { number, taskId, state, attempt, items, retryAt, error };
}

function countOutcomes(attempts: readonly AttemptRecord[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of attempts) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

function slowest(attempts: readonly AttemptRecord[]): SlowBatch[] {
  const timed = attempts.flatMap(({ number, ms }) => (ms === null ? [] : [{ number, ms }]));
  return timed.sort((a, b) => b.ms - a.ms).slice(0, slowestShown);
}

/** Equal stretches from the first claim to the last end. */
function timelineOf(attempts: readonly AttemptRecord[]): TimelineStretch[] {
  if (attempts.length === 0) return [];
  const from = attempts.reduce((earliest, { claimedAt }) => Math.min(earliest, claimedAt), Number.POSITIVE_INFINITY);
  const to = attempts.reduce((latest, { endedAt }) => Math.max(latest, endedAt), from) + 1;
  const length = Math.max(1, (to - from) / stretches);
  const counts = Array.from({ length: Math.ceil((to - from) / length) }, () => ({ completed: 0, failed: 0, released: 0 }));
  for (const { endedAt, outcome } of attempts) {
    const stretch = counts[Math.floor((endedAt - from) / length)];
    if (stretch) stretch[kindOf(outcome)]++;
  }
  return counts.map((count, place) => ({ from: from + place * length, to: from + (place + 1) * length, ...count }));
}

function kindOf(outcome: BatchState): 'completed' | 'failed' | 'released' {
  if (outcome === 'completed') return 'completed';
  return outcome === 'pending' || outcome === 'cancelled' ? 'released' : 'failed';
}
