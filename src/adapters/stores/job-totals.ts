import type { Timestamp } from '../../model/ids.ts';
import type { SessionState } from '../../model/moves.ts';
import type { JobTotals } from '../../model/questions.ts';
import type { Tally } from './tally.ts';

/** The totals of a job while sessions are added to them. */
export interface JobTally extends JobTotals {
  version: string;
  newestAt: Timestamp;
  readonly sessions: Partial<Record<SessionState, number>>;
  readonly items: { -readonly [Name in keyof JobTotals['items']]: number };
  readonly batches: { -readonly [Name in keyof JobTotals['batches']]: number };
}

/** The totals of a job without sessions. */
export function emptyTotals(job: string): JobTally {
  return {
    job,
    version: '',
    newestAt: 0,
    sessions: {},
    items: { total: 0, completed: 0, failed: 0, cancelled: 0, duplicate: 0 },
    batches: { pending: 0, running: 0, completed: 0, failed: 0, crashed: 0, cancelled: 0 },
  };
}

/** Sessions of one state, and the newest of them. */
export interface SessionsOfJob {
  readonly version: string;
  readonly createdAt: Timestamp;
  readonly state: SessionState;
  readonly sessions: number;
  readonly tally: Tally;
}

/** Adds sessions, older ones before newer ones. */
export function addSession(totals: JobTally, { version, createdAt, state, sessions, tally }: SessionsOfJob): void {
  const { items, batches } = totals;
  totals.version = version;
  totals.newestAt = createdAt;
  totals.sessions[state] = (totals.sessions[state] ?? 0) + sessions;
  items.total += tally.items;
  items.completed += tally.itemsCompleted;
  items.failed += tally.itemsFailed;
  items.cancelled += tally.itemsCancelled;
  items.duplicate += tally.itemsDuplicate;
  for (const status of Object.keys(batches) as (keyof JobTotals['batches'])[]) batches[status] += tally[status];
}
