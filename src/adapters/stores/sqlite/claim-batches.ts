import type { OwnerId, Timestamp, Token } from '../../../model/ids.ts';
import type { BatchRecord } from '../../../model/records.ts';
import type { ClaimRequest } from '../../../model/store.ts';
import type { RateGate } from '../rate-window.ts';
import { isProbing } from '../tally.ts';
import { type SessionName, selectBatches } from './batch-rows.ts';
import type { SqliteFile } from './file.ts';
import { groupedStatement, runGrouped } from './grouped-statement.ts';

/** The lowest numbers that can be claimed: pending and isolating ones in the index of open batches, due ones in theirs. `?3` is how many. */
export const claimableSql = `where session = ?1 and number in (
  select number from (
    select number from batches indexed by batches_open where session = ?1 and state in (0, 3, 6) and state < 10 order by number limit ?3
  )
  union all
  select number from (
    select number from batches where session = ?1 and retry_at is not null and retry_at <= ?2 order by number limit ?3
  )
) order by number limit ?3`;

export const namedSql = `where session = ?1 and number in (select value from json_each(?3))
  and (state in (0, 3, 6) or (retry_at is not null and retry_at <= ?2))`;

/** The old state is checked again: what was read above is only who is asked. */
export const claimStatement = groupedStatement(
  2,
  (
    rows,
  ) => `update batches set state = 1, attempt = attempt + (isolation is null or isolation ->> '$.phase' = 'rest'), execution = execution + 1, token = v.column2, owner = ?,
    claimed_at = ?, retry_at = null, ms = null
  from (values ${rows}) v where session = ? and number = v.column1 and state in (0, 2, 3, 5, 6)`,
);

/** Who claims. */
export interface Claimer {
  readonly id: OwnerId;
  readonly no: number;
}

/** Claims batches that are in the file already, in the order of the request. Answers them and the states they were in. */
export function claimStored(
  file: SqliteFile,
  session: SessionName,
  request: ClaimRequest,
  claimer: Claimer,
  now: Timestamp,
  gate?: RateGate,
): readonly { readonly before: BatchRecord; readonly claimed: BatchRecord }[] {
  if (request.tokens.length === 0) return [];
  const candidates = readCandidates(file, session, request, now);
  const tokens = tokensFor(request, candidates);
  const pairs = candidates.flatMap((before) => {
    const token = tokens.get(before.number);
    if (token === undefined || !(gate?.admits(token) ?? true)) return [];
    gate?.started(token);
    return [{ before, claimed: claimedRecord(before, token, claimer, now) }];
  });
  const rows = pairs.map(({ claimed }) => [claimed.number, claimed.token]);
  const changed = runGrouped(file, claimStatement, [claimer.no, now], rows, [session.no]);
  // The write lock is held since before the read, so this can't happen; if it did, no claim of this write would be sure.
  if (changed !== rows.length) throw new Error(`${rows.length} batches could be claimed, ${changed} were`);
  return pairs;
}

export const runningSql = 'where session = ?1 and number in (select value from json_each(?2)) and state = 1 and owner = ?3';

/** What runs already under the very tokens of a request: the answer to its claim was lost. Looked up only when something is missing. */
export function claimedBefore(
  file: SqliteFile,
  session: SessionName,
  { numbers = [], tokens }: ClaimRequest,
  claimer: Claimer,
  answered: readonly Pick<BatchRecord, 'number'>[],
): readonly BatchRecord[] {
  if (answered.length >= tokens.length) return [];
  const asked = new Map(numbers.map((number, index) => [number, tokens[index]]));
  for (const { number } of answered) asked.delete(number);
  const running = selectBatches(file, session, runningSql, session.no, JSON.stringify(numbers), claimer.no);
  return running.filter(({ number, token }) => token !== null && asked.get(number) === token);
}

function claimedRecord(before: BatchRecord, token: Token, claimer: Claimer, now: Timestamp): BatchRecord {
  const attempt = before.attempt + Number(!isProbing(before.isolation));
  return { ...before, state: 'running', attempt, token, owner: claimer.id, claimedAt: now, retryAt: null };
}

function readCandidates(
  file: SqliteFile,
  session: SessionName,
  { numbers, tokens }: ClaimRequest,
  now: Timestamp,
): readonly BatchRecord[] {
  if (!numbers) return selectBatches(file, session, claimableSql, session.no, now, tokens.length);
  const order = new Map(numbers.map((number, index) => [number, index]));
  const found = selectBatches(file, session, namedSql, session.no, now, JSON.stringify(numbers));
  return [...found].sort((left, right) => (order.get(left.number) ?? 0) - (order.get(right.number) ?? 0));
}

function tokensFor({ numbers, tokens }: ClaimRequest, candidates: readonly BatchRecord[]): ReadonlyMap<number, Token> {
  const named = numbers ?? candidates.map(({ number }) => number);
  const pairs = new Map<number, Token>();
  for (const [index, token] of tokens.entries()) {
    const number = named[index];
    if (number !== undefined && !pairs.has(number)) pairs.set(number, token);
  }
  return pairs;
}
