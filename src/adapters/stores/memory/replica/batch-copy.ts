import type { SessionId } from '../../../../model/ids.ts';
import type { BatchCopy, BatchRowCopy, Unit } from '../../../../model/replica.ts';
import { isReady, isWaiting } from '../../tally.ts';
import { type BatchRow, batchRecord, never, newRow, type RowOutput, rareOf } from '../batch-row.ts';
import { ownError, ownIsolation, ownNumbers } from '../own.ts';
import type { SessionEntry } from '../session-entry.ts';
import type { MemoryState } from '../state.ts';
import { enterTask } from '../tasks.ts';

/** A batch with all that hangs on it, to be copied. */
export function readBatch(entry: SessionEntry, number: number): BatchCopy | undefined {
  const row = entry.rows[number];
  const letters = (entry.letters.get(number) ?? []).map(({ sessionId, number: _, ...letter }) => letter);
  if (!row) return letters.length === 0 ? undefined : { row: null, attempts: [], outputs: [], letters };
  const attempts = (row.rare?.attempts ?? []).map(({ sessionId, number: _, ...attempt }) => attempt);
  return { row: copyRow(entry, number, row), attempts, outputs: readOutputs(row), letters };
}

function copyRow({ given, createdAt }: SessionEntry, number: number, row: BatchRow): BatchRowCopy {
  const { sessionId, ...record } = batchRecord(given.id, createdAt, number, row);
  const { token, owner, execution, ms } = row;
  return { ...record, token, owner, execution, ms, givenUp: row.rare?.givenUp ?? 0, cached: row.rare?.cached ?? false };
}

function readOutputs(row: BatchRow): BatchCopy['outputs'] {
  const found: BatchCopy['outputs'][number][] = [];
  for (let output = row.output; output; output = output.older) {
    found.push({ places: output.places, data: output.data, counters: output.counters ?? null });
  }
  return found.reverse();
}

/** About how many bytes a unit has that can be large. */
export function bytesOf(unit: Unit): number {
  if (unit.kind !== 'batches' || !unit.copy) return 0;
  return unit.copy.outputs.reduce((sum, { data }) => sum + data.length, 0);
}

/** Takes a batch over, in place of what is there. */
export function putBatch(state: MemoryState, entry: SessionEntry, number: number, copy: BatchCopy): void {
  removeBatch(state, entry, number);
  const sessionId: SessionId = entry.given.id;
  if (copy.letters.length > 0) {
    entry.letters.set(
      number,
      copy.letters.map((letter) => Object.freeze({ ...letter, sessionId, number, error: ownError(letter.error) })),
    );
  }
  if (!copy.row) return;
  const row = makeRow(entry, copy.row);
  for (const { places, data, counters } of copy.outputs) {
    row.output = {
      ...{ places: ownNumbers(places), data, older: row.output satisfies RowOutput | null },
      ...(counters && { counters: Object.freeze({ ...counters }) }),
    };
  }
  if (copy.attempts.length > 0) {
    rareOf(row).attempts = copy.attempts.map((attempt) =>
      Object.freeze({ ...attempt, sessionId, number, error: ownError(attempt.error) }),
    );
  }
  entry.rows[number] = row;
  if (copy.row.taskId !== null) enterInOrder(state, copy.row.taskId, entry, number);
  makeReady(entry, number, row);
}

function makeRow({ createdAt }: SessionEntry, copy: BatchRowCopy): BatchRow {
  const row = newRow(copy, copy.enqueuedAt - createdAt);
  const { state, completed, attempt, execution, token, owner, ms } = copy;
  const claimedAt = copy.claimedAt === null ? never : copy.claimedAt - createdAt;
  const endedAt = copy.endedAt === null ? never : copy.endedAt - createdAt;
  Object.assign(row, { state, completed, attempt, execution, token, owner, ms, claimedAt, endedAt });
  const { suspect, hostDeaths, isolation, givenUp, remaining, retryAt, error, cached } = copy;
  if (cached || suspect || hostDeaths > 0 || isolation || givenUp !== 0 || remaining || retryAt !== null || error) {
    const rare = { cached, suspect, hostDeaths, isolation: ownIsolation(isolation), givenUp };
    Object.assign(rareOf(row), { ...rare, remaining: ownNumbers(remaining), retryAt, error: ownError(error) });
  }
  return row;
}

function enterInOrder(state: MemoryState, taskId: string, entry: SessionEntry, number: number): void {
  enterTask(state, taskId, { entry, number });
  const enqueuedAt = (task: { entry: SessionEntry; number: number }): number =>
    task.entry.createdAt + (task.entry.rows[task.number]?.enqueuedAt ?? 0);
  state.tasks
    .get(taskId)
    ?.sort(
      (left, right) => enqueuedAt(left) - enqueuedAt(right) || left.entry.order - right.entry.order || left.number - right.number,
    );
}

/** What claims go by: entries may be stale, but none may be missing. */
function makeReady(entry: SessionEntry, number: number, row: BatchRow): void {
  entry.lowestOpen = Math.min(entry.lowestOpen, number);
  entry.scanned = Math.min(entry.scanned, number);
  const retryAt = row.rare?.retryAt;
  if (isReady(row.state)) entry.claimable.push(number);
  else if (isWaiting(row.state) && retryAt != null) entry.waiting.push({ number, retryAt });
}

/** Takes a batch away. Batches go from the end, or are put back at once. */
export function removeBatch({ tasks }: MemoryState, entry: SessionEntry, number: number): void {
  entry.letters.delete(number);
  const taskId = entry.rows[number]?.cut?.taskId;
  const known = taskId == null ? undefined : tasks.get(taskId);
  if (taskId != null && known) {
    const rest = known.filter((task) => task.entry !== entry || task.number !== number);
    if (rest.length > 0) tasks.set(taskId, rest);
    else tasks.delete(taskId);
  }
  if (number === entry.rows.length - 1) entry.rows.pop();
  else delete entry.rows[number];
}
