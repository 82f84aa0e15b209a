import { isEndedSession } from '../../../../model/moves.ts';
import type { QueueDepth } from '../../../../model/questions.ts';
import { isReady, isWaiting } from '../../tally.ts';
import type { MemoryState } from '../state.ts';

type Depth = { -readonly [Name in keyof QueueDepth]: QueueDepth[Name] };

export function depth(state: MemoryState): readonly QueueDepth[] {
  const found = new Map<string, Depth>();
  for (const entry of state.sessions.values()) {
    if (isEndedSession(entry.state)) continue;
    const sums = found.get(entry.given.job) ?? empty(entry.given.job);
    found.set(entry.given.job, sums);
    sums.sessions++;
    if (entry.state === 'pending') {
      sums.waitingSessions++;
      sums.sessionSince ??= entry.createdAt;
    }
    sums.running += entry.tally.running;
    for (const row of entry.rows) {
      if (isWaiting(row.state)) sums.retrying++;
      if (!isReady(row.state)) continue;
      sums.pending++;
      sums.pendingSince = Math.min(sums.pendingSince ?? Number.POSITIVE_INFINITY, entry.createdAt + row.enqueuedAt);
    }
  }
  return [...found.values()].sort((left, right) => (left.job < right.job ? -1 : 1));
}

function empty(job: string): Depth {
  return {
    job,
    sessions: 0,
    waitingSessions: 0,
    pending: 0,
    retrying: 0,
    running: 0,
    sessionSince: null,
    pendingSince: null,
  };
}
