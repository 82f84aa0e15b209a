import type { Timestamp } from '../../../model/ids.ts';
import type { DuplicateTask, SessionCommit } from '../../../model/store.ts';
import { duplicateError, originalOf } from '../duplicate-task.ts';
import type { SessionName } from './batch-rows.ts';
import { enqueueEnded } from './enqueue-batches.ts';
import type { SqliteFile } from './file.ts';
import { toFileText } from './file-text.ts';
import { findOriginals } from './find-originals.ts';
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
  const originals = findOriginals(
    file,
    batches.flatMap(({ taskId }) => taskId ?? []),
    dedupe,
    now,
  );
  const firsts = new Map<string, number>();
  const isPendingEnough = dedupe.states.includes('pending') && dedupe.windowMs > 0;
  return batches.flatMap(({ number, taskId }) => {
    if (taskId === null) return [];
    const first = isPendingEnough ? firsts.get(taskId) : undefined;
    const of = first === undefined ? originals.get(toFileText(taskId)) : { sessionId: session.id, number: first };
    if (of) return [{ number, taskId, of: { sessionId: of.sessionId, number: of.number } }];
    firsts.set(taskId, number);
    return [];
  });
}

/** Enqueues batches as ended: others have their tasks. */
export function enqueueDuplicates(
  { file, session, tally, now }: Commitment,
  { batches }: Enqueue,
  duplicates: readonly DuplicateTask[],
): void {
  const originals = new Map(duplicates.map(({ number, of }) => [number, of]));
  const ended = batches.flatMap((batch) => {
    const of = originals.get(batch.number);
    return of ? [{ batch, error: errorText(duplicateError(of)) }] : [];
  });
  enqueueEnded(file, session, stateCodes.cancelled, ended, now);
  const items = ended.reduce((sum, { batch }) => sum + batch.items, 0);
  tally.cancelled += ended.length;
  tally.itemsCancelled += items;
  tally.itemsDuplicate += items;
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
