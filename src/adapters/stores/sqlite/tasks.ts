import type { SessionId, Timestamp } from '../../../model/ids.ts';
import type { DuplicateTask, SessionCommit, TaskDedupe } from '../../../model/store.ts';
import { duplicateCode, duplicateError, originalOf } from '../duplicate-task.ts';
import type { SessionName } from './batch-rows.ts';
import type { SqliteFile } from './file.ts';
import { toFileText } from './file-text.ts';
import { errorText, readError } from './session-rows.ts';
import { stateCodes } from './state-codes.ts';
import type { Commitment } from './write-batch.ts';

type Enqueue = NonNullable<SessionCommit['enqueue']>;

/** Which of the batches to be enqueued have a task that another batch has: one that is stored, or comes before it in the same write. */
export function findDuplicates(
  file: SqliteFile,
  session: SessionName,
  { batches, dedupe }: Enqueue,
  now: Timestamp,
): readonly DuplicateTask[] {
  if (!dedupe) return [];
  const firsts = new Map<string, number>();
  const isPendingEnough = dedupe.states.includes('pending') && dedupe.windowMs > 0;
  return batches.flatMap(({ number, taskId }) => {
    if (taskId === null) return [];
    const first = isPendingEnough ? firsts.get(taskId) : undefined;
    const of = first === undefined ? storedOriginal(file, taskId, dedupe, now) : { sessionId: session.id, number: first };
    if (of) return [{ number, taskId, of }];
    firsts.set(taskId, number);
    return [];
  });
}

/** `?2` is the latest moment of an enqueue that is too long ago. */
export function originalSql(states: TaskDedupe['states']): string {
  const codes = states.map((state) => stateCodes[state]).join(', ');
  return `select s.id as sessionId, b.number from batches b join sessions s on s.no = b.session
  where b.task_id = ?1 and b.enqueued_at > ?2 and b.state in (${codes}) and s.pruned = 0
    and (b.error is null or b.error ->> '$.code' is not '${duplicateCode}')
  order by b.enqueued_at desc limit 1`;
}

function storedOriginal(
  file: SqliteFile,
  taskId: string,
  { windowMs, states }: TaskDedupe,
  now: Timestamp,
): DuplicateTask['of'] | undefined {
  const found = file.get<{ sessionId: SessionId; number: number }>(originalSql(states), toFileText(taskId), now - windowMs);
  return found && { sessionId: found.sessionId, number: found.number };
}

/** Ends batches that were just enqueued: others have their tasks. */
export function endDuplicates(
  { file, session, tally, now }: Commitment,
  { batches }: Enqueue,
  duplicates: readonly DuplicateTask[],
): void {
  const sizes = new Map(batches.map(({ number, items }) => [number, items]));
  for (const { number, of } of duplicates) {
    const sql = 'update batches set state = 13, ended_at = ?, error = ? where session = ? and number = ?';
    file.run(sql, now, errorText(duplicateError(of)), session, number);
    const items = sizes.get(number) ?? 0;
    tally.pending--;
    tally.cancelled++;
    tally.itemsCancelled += items;
    tally.itemsDuplicate += items;
  }
}

/** The duplicates among batches that were enqueued before. */
export function knownDuplicates(file: SqliteFile, session: SessionName, { batches, dedupe }: Enqueue): readonly DuplicateTask[] {
  if (!dedupe) return [];
  const sql = 'select error from batches where session = ? and number = ? and state = 13';
  return batches.flatMap(({ number, taskId }) => {
    const row = taskId === null ? undefined : file.get<{ error: string | null }>(sql, session.no, number);
    const of = row && originalOf(readError(row.error));
    return of && taskId !== null ? [{ number, taskId, of }] : [];
  });
}
