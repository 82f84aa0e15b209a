import type { Payload } from '../../../model/codec.ts';
import type { OwnerId, SessionId, Token } from '../../../model/ids.ts';
import type { BatchRecord, Isolation, NewBatch } from '../../../model/records.ts';
import type { SqliteFile } from './file.ts';
import { fromFileTextOrNull, readJson } from './file-text.ts';
import { isError, readError } from './session-rows.ts';
import { stateOf } from './state-codes.ts';

/** The columns of a batch that are read, in this order. None is a blob or a fraction: JSON must carry them exactly. */
const columns = [
  'number',
  'first',
  'items',
  'range',
  'hash',
  'task_id',
  'last_item',
  'sliced',
  'state',
  'completed',
  'attempt',
  'token',
  '(select id from owners where no = b.owner)',
  'suspect',
  'remaining',
  'retry_at',
  'enqueued_at',
  'claimed_at',
  'ended_at',
  'error',
  'overlap_before',
  'overlap_after',
  'host_deaths',
  'isolation',
].join(', ');

type BatchColumns = readonly [
  number: number,
  first: number,
  items: number,
  range: string | null,
  hash: string | null,
  taskId: string | null,
  lastItem: string | null,
  sliced: number,
  state: number,
  completed: number,
  attempt: number,
  token: Token | null,
  owner: OwnerId | null,
  suspect: number,
  remaining: string | null,
  retryAt: number | null,
  enqueuedAt: number,
  claimedAt: number | null,
  endedAt: number | null,
  error: string | null,
  before: number,
  after: number,
  hostDeaths: number,
  isolation: string | null,
];

/** The session that batches are read of. */
export interface SessionName {
  readonly no: number;
  readonly id: SessionId;
}

/**
 * Reads batches, given the end of a select from `batches b`.
 *
 * The rows come as one JSON text: that costs 0.7 µs a batch, objects made by the driver 2.7 (libsql, 20 columns).
 */
export function selectBatches(
  file: SqliteFile,
  session: SessionName,
  rest: string,
  ...parameters: (string | number)[]
): readonly BatchRecord[] {
  const sql = `select json_group_array(json(row)) as rows from (select json_array(${columns}) as row from batches b ${rest})`;
  const text = file.get<{ rows: string }>(sql, ...parameters)?.rows ?? '[]';
  const found = JSON.parse(text) as readonly BatchColumns[];
  const slices = readSlices(file, session, found);
  return found.map((row) => batchRecord(session.id, row, slices));
}

function readSlices(file: SqliteFile, session: SessionName, found: readonly BatchColumns[]): ReadonlyMap<number, Payload> {
  const sliced = found.filter((row) => row[7] === 1).map(([number]) => number);
  if (sliced.length === 0) return new Map();
  const sql = 'select number, data from slices where session = ? and number in (select value from json_each(?))';
  const rows = file.all<{ number: number; data: Payload }>(sql, session.no, JSON.stringify(sliced));
  return new Map(rows.map(({ number, data }) => [number, data]));
}

function batchRecord(sessionId: SessionId, row: BatchColumns, slices: ReadonlyMap<number, Payload>): BatchRecord {
  const [number, first, items, range, hash, taskId, lastItem, , state, completed, attempt] = row;
  const [, , , , , , , , , , , token, owner, suspect, remaining, retryAt, enqueuedAt, claimedAt, endedAt, error] = row;
  const [, , , , , , , , , , , , , , , , , , , , before, after, hostDeaths, isolation] = row;
  const running = state === 1;
  return {
    sessionId,
    number,
    first,
    items,
    before,
    after,
    range: readRange(range),
    hash,
    taskId: fromFileTextOrNull(taskId),
    slice: slices.get(number) ?? null,
    lastItem: fromFileTextOrNull(lastItem),
    state: stateOf(state),
    completed,
    attempt,
    token: running ? token : null,
    owner: running ? owner : null,
    suspect: suspect === 1,
    hostDeaths,
    isolation: isolation === null ? null : readJson<Isolation | null>(isolation, isIsolation, null),
    remaining: readNumbers(remaining),
    retryAt,
    enqueuedAt,
    claimedAt,
    endedAt,
    error: readError(error),
  };
}

/** A search that can't be read is begun anew. */
function isIsolation(value: unknown): value is Isolation {
  const { phase, from, to, noted, size, dead, survived, error } = Object(value) as {
    readonly [Key in keyof Isolation]?: unknown;
  };
  return (
    ['noted', 'search', 'split', 'rest'].includes(phase as string) &&
    [from, to, size].every(Number.isSafeInteger) &&
    (noted === null || Number.isSafeInteger(noted)) &&
    areNumbers(dead) &&
    typeof survived === 'boolean' &&
    isError(error)
  );
}

/** A list of whole numbers from the file. */
export function readNumbers(text: string | null): readonly number[] | null {
  return text === null ? null : readJson<readonly number[] | null>(text, areNumbers, null);
}

function areNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(Number.isSafeInteger);
}

/** A list of numbers as the file holds it. */
export function numbersText(numbers: readonly number[] | null | undefined): string | null {
  return numbers ? JSON.stringify(numbers) : null;
}

/** A range as the file holds it. As text: SQLite's own JSON would round its numbers. */
export function rangeText(range: NewBatch['range']): string | null {
  return range && JSON.stringify([range.from, range.to, range.overlapFrom, range.overlapTo]);
}

function readRange(text: string | null): NewBatch['range'] {
  if (text === null) return null;
  const [from, to, overlapFrom, overlapTo] = JSON.parse(text) as [number, number, number, number];
  return { from, to, overlapFrom, overlapTo };
}
