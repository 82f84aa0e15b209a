import type { Payload } from '../../../../model/codec.ts';
import type { OwnerId, Token } from '../../../../model/ids.ts';
import type { BatchCopy } from '../../../../model/replica.ts';
import { type AttemptColumns, attemptOf } from '../attempts.ts';
import { readNumbers, type SessionName, selectBatches } from '../batch-rows.ts';
import { listLetters } from '../dead-letters.ts';
import type { SqliteFile } from '../file.ts';
import { readCounters } from '../session-rows.ts';

/** How many of the first of these numbers have so many bytes of outputs: at least one. */
export function countWithin(file: SqliteFile, session: number, numbers: readonly number[], bytes: number): number {
  const sql = `select number, sum(length(data)) as bytes from outputs
    where session = ? and number in (select value from json_each(?)) group by number`;
  const rows = file.all<{ number: number; bytes: number }>(sql, session, JSON.stringify(numbers));
  const sizes = new Map(rows.map((row) => [row.number, row.bytes]));
  let left = bytes;
  const count = numbers.findIndex((number, index) => {
    left -= sizes.get(number) ?? 0;
    return left < 0 && index > 0;
  });
  return count === -1 ? numbers.length : count;
}

interface ClaimColumns {
  readonly number: number;
  readonly execution: number;
  readonly token: Token | null;
  readonly owner_id: OwnerId | null;
  readonly ms: number | null;
  readonly given_up: number;
  readonly cached: number;
}

const claimsSql = `select number, execution, token, (select id from owners where no = owner) as owner_id, ms, given_up, cached
from batches where session = ? and number in (select value from json_each(?))`;

/** Batches with all that hangs on them, to be copied. Those that are not there are left out. */
export function readBatchCopies(
  file: SqliteFile,
  session: SessionName,
  numbers: readonly number[],
): ReadonlyMap<number, BatchCopy> {
  const wanted = JSON.stringify(numbers);
  const records = selectBatches(
    file,
    session,
    'where session = ?1 and number in (select value from json_each(?2))',
    session.no,
    wanted,
  );
  const claims = new Map(file.all<ClaimColumns>(claimsSql, session.no, wanted).map((row) => [row.number, row]));
  const attempts = readAttempts(file, session.no, wanted);
  const outputs = readOutputs(file, session.no, wanted);
  const letters = readLetters(file, session, numbers);
  const copies = new Map<number, BatchCopy>();
  for (const [number, ofBatch] of letters) copies.set(number, { row: null, attempts: [], outputs: [], letters: ofBatch });
  for (const { sessionId, ...record } of records) {
    const { number } = record;
    // Read in the same transaction as the record.
    const { execution, token, owner_id: owner, ms, given_up: givenUp, cached } = claims.get(number) as ClaimColumns;
    copies.set(number, {
      row: { ...record, execution, token, owner, ms, givenUp, cached: cached === 1 },
      attempts: attempts.get(number) ?? [],
      outputs: outputs.get(number) ?? [],
      letters: letters.get(number) ?? [],
    });
  }
  return copies;
}

function readAttempts(file: SqliteFile, session: number, wanted: string): Map<number, BatchCopy['attempts'][number][]> {
  const sql = `select number, execution, token, (select id from owners where no = owner) as owner_id, outcome, category, error,
    claimed_at, ended_at, ms from attempts where session = ? and number in (select value from json_each(?)) order by number, no`;
  return byNumber(file.all<AttemptColumns & { readonly number: number }>(sql, session, wanted), attemptOf);
}

interface OutputColumns {
  readonly number: number;
  readonly places: string | null;
  readonly data: Payload;
  readonly counters: string | null;
}

function readOutputs(file: SqliteFile, session: number, wanted: string): Map<number, BatchCopy['outputs'][number][]> {
  const sql = `select number, places, data, counters from outputs
    where session = ? and number in (select value from json_each(?)) order by number, no`;
  return byNumber(file.all<OutputColumns>(sql, session, wanted), ({ places, data, counters }) => ({
    places: readNumbers(places),
    data,
    counters: counters === null ? null : readCounters(counters),
  }));
}

function readLetters(file: SqliteFile, session: SessionName, numbers: readonly number[]): Map<number, BatchCopy['letters']> {
  const sql = 'select distinct number from dead_letters where session = ? and number in (select value from json_each(?))';
  const found = file.all<{ number: number }>(sql, session.no, JSON.stringify(numbers));
  return new Map(
    found.map(({ number }) => {
      const filter = { sessionId: session.id, number, after: 0, limit: Number.MAX_SAFE_INTEGER };
      return [number, listLetters(file, session, filter).map(({ sessionId, number: _, ...letter }) => letter)];
    }),
  );
}

function byNumber<Row extends { readonly number: number }, Copy>(
  rows: readonly Row[],
  make: (row: Row) => Copy,
): Map<number, Copy[]> {
  const groups = new Map<number, Copy[]>();
  for (const row of rows) {
    const group = groups.get(row.number);
    if (group) group.push(make(row));
    else groups.set(row.number, [make(row)]);
  }
  return groups;
}
