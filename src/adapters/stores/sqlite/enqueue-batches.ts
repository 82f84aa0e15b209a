import type { Timestamp, Token } from '../../../model/ids.ts';
import type { BatchRecord, NewBatch } from '../../../model/records.ts';
import { rangeText, type SessionName } from './batch-rows.ts';
import type { SqliteValue } from './driver.ts';
import type { SqliteFile } from './file.ts';
import { toFileTextOrNull } from './file-text.ts';
import { type GroupedStatement, groupedStatement, runGrouped } from './grouped-statement.ts';

/** The claims that new batches get in the same write: number to token. */
export type FreshClaims = ReadonlyMap<number, Token>;

/** What all rows share comes first: session, state, owner, time of the claim, time. */
function enqueueStatement(...columns: readonly string[]): GroupedStatement {
  const values = columns.map((_, index) => `v.column${index + 1}`).join(', ');
  return groupedStatement(
    columns.length,
    (rows) => `insert into batches (session, state, attempt, execution, owner, claimed_at, enqueued_at, ${columns.join(', ')})
    select a.session, a.state, a.state, a.state, a.owner, a.claimed_at, a.now, ${values}
    from (select ? as session, ? as state, ? as owner, ? as claimed_at, ? as now) a, (values ${rows}) v`,
  );
}

const plainColumns = ['number', 'first', 'items', 'hash', 'token'] as const;

const wholeColumns = [...plainColumns, 'task_id', 'range', 'last_item', 'sliced', 'overlap_before', 'overlap_after'] as const;

/** Each value costs: most jobs' batches have only the first few, and most others a task id besides. */
const plainStatement = enqueueStatement(...plainColumns);
const namedStatement = enqueueStatement(...plainColumns, 'task_id');
const wholeStatement = enqueueStatement(...wholeColumns);

/** Batches that are ended as they are inserted, without ever having been open: state and time come first, then the rows with their errors. */
const endedStatement = groupedStatement(
  wholeColumns.length + 1,
  (rows) => `insert into batches (session, state, attempt, execution, enqueued_at, ended_at, ${wholeColumns.join(', ')}, error)
    select a.session, a.state, 0, 0, a.now, a.now, v.* from (select ? as session, ? as state, ? as now) a, (values ${rows}) v`,
);

/** Inserts batches, those with a claim as running: that saves their update. */
export function enqueueBatches(
  file: SqliteFile,
  session: SessionName,
  batches: readonly NewBatch[],
  claims: FreshClaims,
  ownerNo: number | null,
  now: Timestamp,
): void {
  const claimed = claims.size === 0 ? [] : batches.filter(({ number }) => claims.has(number));
  const pending = claims.size === 0 ? batches : batches.filter(({ number }) => !claims.has(number));
  insert(file, [session.no, 1, ownerNo, now, now], claimed, claims);
  insert(file, [session.no, 0, null, null, now], pending, claims);
  keepSlices(file, session.no, batches);
}

/** A batch that is not to be run, and why, as the file has it. */
export interface EndedBatch {
  readonly batch: NewBatch;
  readonly error: string | null;
}

/** Inserts batches in a state that they never leave. */
export function enqueueEnded(
  file: SqliteFile,
  session: number,
  state: number,
  ended: readonly EndedBatch[],
  now: Timestamp,
): void {
  const rows = ended.map(({ batch, error }) => [...wholeRow(batch, noClaims), error]);
  runGrouped(file, endedStatement, [session, state, now], rows);
  const batches = ended.map(({ batch }) => batch);
  keepSlices(file, session, batches);
}

const noClaims: FreshClaims = new Map();

function keepSlices(file: SqliteFile, session: number, batches: readonly NewBatch[]): void {
  for (const { number, slice } of batches) {
    if (slice !== null) file.run('insert into slices (session, number, data) values (?, ?, ?)', session, number, slice);
  }
}

/** What batches of one state share, and the batches. */
function insert(file: SqliteFile, shared: readonly SqliteValue[], batches: readonly NewBatch[], claims: FreshClaims): void {
  const plain = batches.filter(isPlain);
  runGrouped(
    file,
    plainStatement,
    shared,
    plain.map((batch) => plainRow(batch, claims)),
  );
  if (plain.length === batches.length) return;
  const others = batches.filter((batch) => !isPlain(batch));
  const named = others.filter(isNamed);
  runGrouped(
    file,
    namedStatement,
    shared,
    named.map((batch) => namedRow(batch, claims)),
  );
  if (named.length === others.length) return;
  runGrouped(
    file,
    wholeStatement,
    shared,
    others.filter((batch) => !isNamed(batch)).map((batch) => wholeRow(batch, claims)),
  );
}

function isPlain(batch: NewBatch): boolean {
  return batch.taskId === null && isNamed(batch);
}

/** Nothing besides a task id. */
function isNamed({ range, lastItem, slice, before, after }: NewBatch): boolean {
  return range === null && lastItem === null && slice === null && before === 0 && after === 0;
}

function plainRow({ number, first, items, hash }: NewBatch, claims: FreshClaims): readonly SqliteValue[] {
  return [number, first, items, hash, claims.get(number) ?? null];
}

function namedRow(batch: NewBatch, claims: FreshClaims): readonly SqliteValue[] {
  return [...plainRow(batch, claims), toFileTextOrNull(batch.taskId)];
}

function wholeRow(batch: NewBatch, claims: FreshClaims): readonly SqliteValue[] {
  const { range, lastItem, slice, before, after } = batch;
  return [...namedRow(batch, claims), rangeText(range), toFileTextOrNull(lastItem), Number(slice !== null), before, after];
}

/** The record of a batch that was inserted as running. */
export function freshRecord(
  session: SessionName,
  batch: NewBatch,
  token: Token,
  owner: BatchRecord['owner'],
  now: Timestamp,
): BatchRecord {
  return {
    sessionId: session.id,
    number: batch.number,
    first: batch.first,
    items: batch.items,
    before: batch.before,
    after: batch.after,
    range: batch.range,
    hash: batch.hash,
    taskId: batch.taskId,
    slice: batch.slice,
    lastItem: batch.lastItem,
    state: 'running',
    completed: 0,
    attempt: 1,
    token,
    owner,
    suspect: false,
    hostDeaths: 0,
    isolation: null,
    remaining: null,
    retryAt: null,
    enqueuedAt: now,
    claimedAt: now,
    endedAt: null,
    error: null,
  };
}
