import type { Execution, Ledger } from './ledger.ts';

/** What `stats.json` says. Rates are shares from 0 to 1. */
export interface PollStats {
  readonly polls: number;
  readonly listed: number;
  readonly invalid: number;
  /** Executions: valid listings that were no duplicates. */
  readonly enqueued: number;
  readonly duplicatesSkipped: number;
  readonly distinctTasks: number;
  /** Tasks whose newest ended execution completed. */
  readonly completed: number;
  /** Tasks whose newest ended execution was given up, by the engine's category; and by the log's own code, where it has one. */
  readonly dlq: Readonly<Record<string, number>>;
  readonly dlqCodes: Readonly<Record<string, number>>;
  /** Executions of the task that has most. */
  readonly longestChain: number;
  /** Of the valid listings, those that were duplicates. */
  readonly dedupeRate: number;
  /** Of the executions, those that were tried more than once, and those that were given up. */
  readonly retryRate: number;
  readonly dlqRate: number;
  /** Work of a completed execution on average, in milliseconds; null when none completed. */
  readonly averageMs: number | null;
}

/** Tasks as their newest ended execution left them, if there is one, by their ids: another host may just be running the next. */
export function tasksOf({ executions }: Ledger): Execution[] {
  const ended = executions.filter(({ status }) => status === 'completed' || status === 'dlq');
  const newest = new Map([...executions, ...ended].map((execution) => [execution.taskId, execution]));
  return [...newest.values()].sort((left, right) => (left.taskId < right.taskId ? -1 : 1));
}

export function statsOf(ledger: Ledger, tasks: readonly Execution[], averageMs: number | null): PollStats {
  const { polls, listed, invalid, duplicates, executions } = ledger;
  const given = tasks.filter(({ status }) => status === 'dlq');
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  return {
    polls,
    listed,
    invalid,
    enqueued: executions.length,
    duplicatesSkipped: duplicates,
    distinctTasks: tasks.length,
    completed: tasks.filter(({ status }) => status === 'completed').length,
    dlq: countBy(given.map(({ error }) => error?.category)),
    dlqCodes: countBy(given.map(({ error }) => error?.code)),
    longestChain: Object.values(countBy(executions.map(({ taskId }) => taskId))).reduce((most, one) => Math.max(most, one), 0),
    dedupeRate: share(duplicates, listed - invalid),
    retryRate: share(executions.filter(({ attempt }) => attempt > 1).length, executions.length),
    dlqRate: share(executions.filter(({ status }) => status === 'dlq').length, executions.length),
    averageMs,
  };
}

function countBy(names: readonly (string | undefined)[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const name of names) if (name) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([left], [right]) => (left < right ? -1 : 1)));
}
