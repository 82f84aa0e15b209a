import type { ErrorInfo } from '../../../../model/errors.ts';
import type { SessionId, Timestamp } from '../../../../model/ids.ts';
import { isEndedSession } from '../../../../model/moves.ts';
import type { DeadLetter } from '../../../../model/outcome.ts';
import type {
  AttemptTally,
  BatchTimes,
  CategoryFailures,
  JobTotals,
  NormalFailures,
  Questions,
  RepeatedTasks,
  StateRows,
  Within,
} from '../../../../model/questions.ts';
import { originalOf } from '../../duplicate-task.ts';
import { createFailureTally, unknownFailure } from '../../failure-tally.ts';
import { addSession, emptyTotals, type JobTally } from '../../job-totals.ts';
import type { MemoryState } from '../state.ts';
import { placesOf } from './found-batch.ts';
import { isCrash, isOf } from './list-batches.ts';

/* Questions whose answers are counts. */

type Failure = Pick<ErrorInfo, 'message' | 'category'>;

/** Letters by batch, then place, or from a moment on by their time. */
function lettersIn(state: MemoryState, { sessionId, since = 0 }: Within): readonly DeadLetter[] {
  const found = [...state.sessions.values()].filter(isOf(sessionId)).flatMap(({ letters }) => {
    const numbers = [...letters.keys()].sort((left, right) => left - right);
    return numbers.flatMap((number) => letters.get(number) ?? []).filter(({ at }) => at >= since);
  });
  return sessionId === undefined ? found.sort((left, right) => left.at - right.at) : found;
}

function* failedAttempts(state: MemoryState, { sessionId, since = 0 }: Within): Generator<Failure> {
  for (const { row } of placesOf(state, isOf(sessionId))) {
    for (const { outcome, endedAt, error } of row.rare?.attempts ?? []) {
      if (endedAt >= since && (outcome.startsWith('failed.') || isCrash(outcome))) yield error ?? unknownFailure;
    }
  }
}

export function failures(state: MemoryState, filter: Questions['failures']['filter']): readonly NormalFailures[] {
  const tally = createFailureTally();
  for (const { error, items, itemId } of lettersIn(state, filter)) tally.addLetter(error, items, itemId);
  for (const error of failedAttempts(state, filter)) tally.addAttempt(error);
  return tally.groups(filter.limit);
}

export function categories(state: MemoryState, within: Within): readonly CategoryFailures[] {
  const found = new Map<string, { -readonly [Name in keyof CategoryFailures]: CategoryFailures[Name] }>();
  const of = ({ category }: Failure) => {
    const sums = found.get(category) ?? { category, items: 0, letters: 0, attempts: 0 };
    found.set(category, sums);
    return sums;
  };
  for (const { error, items } of lettersIn(state, within)) {
    const sums = of(error);
    sums.items += items;
    sums.letters++;
  }
  for (const error of failedAttempts(state, within)) of(error).attempts++;
  const sorted = [...found.values()].sort((left, right) => (left.category < right.category ? -1 : 1));
  return sorted.sort((left, right) => right.items - left.items || right.attempts - left.attempts);
}

export function times(state: MemoryState, { since }: { readonly since: Timestamp }): readonly BatchTimes[] {
  const found = new Map<string, { batches: number; total: number; longest: number }>();
  for (const { entry, row } of placesOf(state)) {
    if (row.state !== 'completed' || row.ms === null || entry.createdAt + row.endedAt < since) continue;
    const sums = found.get(entry.given.job) ?? { batches: 0, total: 0, longest: 0 };
    found.set(entry.given.job, sums);
    sums.batches++;
    sums.total += row.ms;
    sums.longest = Math.max(sums.longest, row.ms);
  }
  const answer = [...found].map(([job, { batches, total, longest }]) => ({
    job,
    batches,
    averageMs: total / batches,
    longestMs: longest,
  }));
  return answer.sort(byJob);
}

export function repeated(state: MemoryState, { since, limit }: Questions['repeated']['filter']): RepeatedTasks {
  const tasks = [...state.tasks].flatMap(([taskId, entries]) => {
    const rows = entries.flatMap(({ entry, number }) => {
      const row = entry.rows[number];
      return row && entry.createdAt + row.enqueuedAt >= since ? [row] : [];
    });
    const skipped = rows.filter(({ state: at, rare }) => at === 'cancelled' && originalOf(rare?.error)).length;
    return rows.length > 0 ? [{ taskId, executions: rows.length, skipped }] : [];
  });
  const again = tasks.filter(({ executions }) => executions > 1);
  again.sort((left, right) => right.executions - left.executions || (left.taskId < right.taskId ? -1 : 1));
  return {
    executions: tasks.reduce((sum, { executions }) => sum + executions, 0),
    tasks: tasks.length,
    repeated: again.length,
    skipped: tasks.reduce((sum, { skipped }) => sum + skipped, 0),
    most: again.slice(0, limit),
  };
}

export function attempts(state: MemoryState, { since }: { readonly since: Timestamp }): AttemptTally {
  const tally = { completed: 0, failed: 0, crashed: 0, running: 0 };
  for (const { entry, row } of placesOf(state)) {
    if (row.state === 'completed' && entry.createdAt + row.endedAt >= since) tally.completed++;
    for (const { outcome, endedAt } of row.rare?.attempts ?? []) {
      if (endedAt < since) continue;
      if (outcome === 'completed') tally.completed++;
      else if (isCrash(outcome)) tally.crashed++;
      else if (outcome.startsWith('failed.')) tally.failed++;
    }
  }
  for (const entry of state.sessions.values()) if (!isEndedSession(entry.state)) tally.running += entry.tally.running;
  return tally;
}

export function rows(state: MemoryState, { sessionId }: { readonly sessionId: SessionId }): readonly StateRows[] {
  const found = new Map<string, { -readonly [Name in keyof StateRows]: StateRows[Name] }>();
  for (const { row } of placesOf(state, isOf(sessionId))) {
    const sums = found.get(row.state) ?? { state: row.state, batches: 0, items: 0, completed: 0, failed: 0 };
    found.set(row.state, sums);
    sums.batches++;
    sums.items += row.items;
    sums.completed += row.completed;
    sums.failed += row.rare?.givenUp ?? 0;
  }
  return [...found.values()].sort((left, right) => (left.state < right.state ? -1 : 1));
}

export function jobs(state: MemoryState): readonly JobTotals[] {
  const found = new Map<string, JobTally>();
  for (const { given, createdAt, state: at, tally } of state.sessions.values()) {
    const totals = found.get(given.job) ?? emptyTotals(given.job);
    found.set(given.job, totals);
    addSession(totals, { version: given.version, createdAt, state: at, sessions: 1, tally });
  }
  return [...found.values()].sort(byJob);
}

function byJob(left: { readonly job: string }, right: { readonly job: string }): number {
  return left.job < right.job ? -1 : 1;
}
