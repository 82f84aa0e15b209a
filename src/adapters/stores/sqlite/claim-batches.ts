import type { OwnerId, Timestamp, Token } from '../../../model/ids.ts';
import type { BatchRecord } from '../../../model/records.ts';
import type { ClaimRequest } from '../../../model/store.ts';
import { type SessionName, selectBatches } from './batch-rows.ts';
import type { SqliteFile } from './file.ts';

/** The lowest numbers that can be claimed: pending ones by one range of an index, due ones by another. `?3` is how many. */
export const claimableSql = `where session = ?1 and number in (
  select number from (select number from batches where session = ?1 and state = 0 and state < 10 order by number limit ?3)
  union all
  select number from (
    select number from batches where session = ?1 and retry_at is not null and retry_at <= ?2 order by number limit ?3
  )
) order by number limit ?3`;

export const namedSql = `where session = ?1 and number in (select value from json_each(?3))
  and (state = 0 or (retry_at is not null and retry_at <= ?2))`;

/** The fence is the old state: another claim may have come between the caller's decision and this write. */
export const claimSql = `update batches set state = 1, attempt = attempt + 1, execution = execution + 1, token = ?, owner = ?,
  claimed_at = ?, retry_at = null, ms = null
where session = ? and number = ? and state in (0, 2, 5)`;

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
): readonly { readonly before: BatchRecord; readonly claimed: BatchRecord }[] {
  const candidates = readCandidates(file, session, request, now);
  const tokens = tokensFor(request, candidates);
  return candidates.flatMap((before) => {
    const token = tokens.get(before.number);
    if (token === undefined) return [];
    if (file.run(claimSql, token, claimer.no, now, session.no, before.number) !== 1) return [];
    const { attempt } = before;
    return [{ before, claimed: { ...before, ...claim(token, claimer, now), attempt: attempt + 1 } }];
  });
}

function claim(
  token: Token,
  claimer: Claimer,
  now: Timestamp,
): Pick<BatchRecord, 'state' | 'token' | 'owner' | 'claimedAt' | 'retryAt'> {
  return { state: 'running', token, owner: claimer.id, claimedAt: now, retryAt: null };
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
