import type { BatchCopy, BatchRowCopy } from '../../../../model/replica.ts';
import { numbersText, rangeText } from '../batch-rows.ts';
import type { SqliteFile } from '../file.ts';
import { toFileText, toFileTextOrNull } from '../file-text.ts';
import type { Owners } from '../owners.ts';
import { errorText } from '../session-rows.ts';
import { stateCodes } from '../state-codes.ts';
import { type Columns, upsert } from './upsert.ts';

/** The tables of a batch's unit, those first that its row does not go with. */
const batchTables = ['outputs', 'attempts', 'dead_letters', 'slices', 'batches'] as const;

/** A batch's unit, and the file's number of its session. */
export interface BatchPut {
  readonly session: number;
  readonly number: number;
  readonly copy: BatchCopy | undefined;
}

/** Takes batches over, in place of what is there; one without a copy is deleted. */
export function putBatchCopies(file: SqliteFile, owners: Owners, batches: readonly BatchPut[]): void {
  for (const [session, numbers] of numbersBySession(batches)) {
    for (const table of batchTables) {
      const sql = `delete from ${table} where session = ? and number in (select value from json_each(?))`;
      file.run(sql, session, JSON.stringify(numbers));
    }
  }
  const noOf = rememberOwners(owners);
  for (const { session, number, copy } of batches) if (copy) insert(file, noOf, session, number, copy);
}

function numbersBySession(batches: readonly BatchPut[]): ReadonlyMap<number, readonly number[]> {
  const sessions = new Map<number, number[]>();
  for (const { session, number } of batches) {
    const numbers = sessions.get(session);
    if (numbers) numbers.push(number);
    else sessions.set(session, [number]);
  }
  return sessions;
}

function rememberOwners(owners: Owners): Owners['noOf'] {
  const known = new Map<string, number>();
  return (owner) => {
    const no = known.get(owner) ?? owners.noOf(owner);
    known.set(owner, no);
    return no;
  };
}

function insert(file: SqliteFile, noOf: Owners['noOf'], session: number, number: number, copy: BatchCopy): void {
  const { row, attempts, outputs, letters } = copy;
  if (row) {
    upsert(file, 'batches', batchColumns(session, row, row.owner === null ? null : noOf(row.owner)));
    if (row.slice !== null) upsert(file, 'slices', { session, number, data: row.slice });
  }
  for (const output of outputs) upsert(file, 'outputs', outputColumns(session, number, output));
  for (const attempt of attempts) upsert(file, 'attempts', attemptColumns(session, number, attempt, noOf(attempt.owner)));
  for (const letter of letters) upsert(file, 'dead_letters', letterColumns(session, number, letter));
}

function batchColumns(session: number, row: BatchRowCopy, owner: number | null): Columns {
  return {
    session,
    number: row.number,
    first: row.first,
    items: row.items,
    state: stateCodes[row.state],
    completed: row.completed,
    given_up: row.givenUp,
    attempt: row.attempt,
    execution: row.execution,
    token: row.token,
    owner,
    enqueued_at: row.enqueuedAt,
    claimed_at: row.claimedAt,
    ended_at: row.endedAt,
    ms: row.ms,
    suspect: Number(row.suspect),
    sliced: Number(row.slice !== null),
    retry_at: row.retryAt,
    remaining: numbersText(row.remaining),
    error: errorText(row.error),
    hash: row.hash,
    range: rangeText(row.range),
    task_id: toFileTextOrNull(row.taskId),
    last_item: toFileTextOrNull(row.lastItem),
    overlap_before: row.before,
    overlap_after: row.after,
    host_deaths: row.hostDeaths,
    isolation: row.isolation && JSON.stringify(row.isolation),
    cached: Number(row.cached),
  };
}

function outputColumns(session: number, number: number, { places, data, counters }: BatchCopy['outputs'][number]): Columns {
  return { session, number, places: numbersText(places), data, counters: counters && JSON.stringify(counters) };
}

function attemptColumns(session: number, number: number, attempt: BatchCopy['attempts'][number], owner: number): Columns {
  return {
    session,
    number,
    execution: attempt.execution,
    token: attempt.token,
    owner,
    outcome: stateCodes[attempt.outcome],
    category: attempt.category,
    error: errorText(attempt.error),
    claimed_at: attempt.claimedAt,
    ended_at: attempt.endedAt,
    ms: attempt.ms,
  };
}

function letterColumns(session: number, number: number, letter: BatchCopy['letters'][number]): Columns {
  return {
    session,
    number,
    place: letter.place,
    item_id: toFileText(letter.itemId),
    items: letter.items,
    task_id: toFileText(letter.taskId),
    message: toFileText(letter.error.message),
    category: letter.error.category,
    error: JSON.stringify(letter.error),
    attempts: letter.attempts,
    at: letter.at,
  };
}
