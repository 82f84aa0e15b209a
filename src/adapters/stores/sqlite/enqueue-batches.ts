import type { Timestamp, Token } from '../../../model/ids.ts';
import type { BatchRecord, NewBatch } from '../../../model/records.ts';
import { rangeText, type SessionName } from './batch-rows.ts';
import type { SqliteValue } from './driver.ts';
import type { SqliteFile } from './file.ts';
import { toFileTextOrNull } from './file-text.ts';
import { groupedStatement, runGrouped } from './grouped-statement.ts';

/** The claims that new batches get in the same write: number to token. */
export type FreshClaims = ReadonlyMap<number, Token>;

/** What all rows share comes first: session, state, owner, time of the claim, time. */
export const enqueueStatement = groupedStatement(
  9,
  (rows) => `insert into batches (session, state, attempt, execution, owner, claimed_at, enqueued_at,
    number, first, items, hash, range, task_id, last_item, sliced, token)
  select a.session, a.state, a.state, a.state, a.owner, a.claimed_at, a.now,
    v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7, v.column8, v.column9
  from (select ? as session, ? as state, ? as owner, ? as claimed_at, ? as now) a, (values ${rows}) v`,
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
  runGrouped(
    file,
    enqueueStatement,
    [session.no, 1, ownerNo, now, now],
    claimed.map((batch) => rowOf(batch, claims)),
  );
  runGrouped(
    file,
    enqueueStatement,
    [session.no, 0, null, null, now],
    pending.map((batch) => rowOf(batch, claims)),
  );
  for (const { number, slice } of batches) {
    if (slice !== null) file.run('insert into slices (session, number, data) values (?, ?, ?)', session.no, number, slice);
  }
}

function rowOf(batch: NewBatch, claims: FreshClaims): readonly SqliteValue[] {
  const { number, first, items, hash, range } = batch;
  const taskId = toFileTextOrNull(batch.taskId);
  const lastItem = toFileTextOrNull(batch.lastItem);
  const sliced = Number(batch.slice !== null);
  return [number, first, items, hash, rangeText(range), taskId, lastItem, sliced, claims.get(number) ?? null];
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
    remaining: null,
    retryAt: null,
    enqueuedAt: now,
    claimedAt: now,
    endedAt: null,
    error: null,
  };
}
