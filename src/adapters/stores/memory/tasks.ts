import type { Timestamp } from '../../../model/ids.ts';
import type { AttemptRecord } from '../../../model/records.ts';
import type { DuplicateTask, SessionCommit, TaskDedupe } from '../../../model/store.ts';
import { duplicateError, originalOf } from '../duplicate-task.ts';
import { attemptsOf, type BatchRow, rareOf } from './batch-row.ts';
import type { SessionEntry } from './session-entry.ts';
import type { MemoryState, TaskEntry } from './state.ts';

/** The batch that has a task already, if there is one. */
export function findOriginal(
  { tasks }: MemoryState,
  taskId: string,
  { windowMs, states }: TaskDedupe,
  now: Timestamp,
): DuplicateTask['of'] | undefined {
  for (const { entry, number } of (tasks.get(taskId) ?? []).toReversed()) {
    const row = entry.rows[number] as BatchRow;
    if (entry.createdAt + row.enqueuedAt <= now - windowMs) return undefined;
    if (states.includes(row.state) && !originalOf(row.rare?.error)) return { sessionId: entry.given.id, number };
  }
  return undefined;
}

/** Ends a batch that was just cut: another one has its task. */
export function endAsDuplicate({ tally, createdAt }: SessionEntry, row: BatchRow, of: DuplicateTask['of'], now: Timestamp): void {
  row.state = 'cancelled';
  row.endedAt = now - createdAt;
  rareOf(row).error = duplicateError(of);
  tally.pending--;
  tally.cancelled++;
  tally.itemsCancelled += row.items;
  tally.itemsDuplicate += row.items;
}

/** The duplicates among batches that were enqueued before. */
export function knownDuplicates(
  entry: SessionEntry,
  { batches }: NonNullable<SessionCommit['enqueue']>,
): readonly DuplicateTask[] {
  return batches.flatMap(({ number, taskId }) => {
    const of = originalOf(entry.rows[number]?.rare?.error);
    return of && taskId !== null ? [{ number, taskId, of }] : [];
  });
}

/** Enters a batch under its task id. */
export function enterTask({ tasks }: MemoryState, taskId: string, entry: TaskEntry): void {
  const known = tasks.get(taskId);
  if (known) known.push(entry);
  else tasks.set(taskId, [entry]);
}

/** Forgets the task ids of a session that goes. */
export function leaveTasks({ tasks }: MemoryState, entry: SessionEntry): void {
  const gone = new Set(entry.rows.flatMap(({ cut }) => cut?.taskId ?? []));
  for (const taskId of gone) {
    const rest = (tasks.get(taskId) ?? []).filter((other) => other.entry !== entry);
    if (rest.length > 0) tasks.set(taskId, rest);
    else tasks.delete(taskId);
  }
}

/** Ended attempts of every batch of a task id, in the order in which the batches were enqueued. */
export function listTaskAttempts({ tasks }: MemoryState, taskId: string): readonly AttemptRecord[] {
  return (tasks.get(taskId) ?? []).flatMap(({ entry, number }) =>
    attemptsOf(entry.given.id, entry.createdAt, number, entry.rows[number] as BatchRow),
  );
}
