import type { OwnerId, Timestamp, Token } from '../../../model/ids.ts';
import type { BatchRecord } from '../../../model/records.ts';
import type { ClaimRequest } from '../../../model/store.ts';
import type { RateGate } from '../rate-window.ts';
import { isProbing, isReady, isWaiting, tallyMove } from '../tally.ts';
import { type BatchRow, batchRecord, never } from './batch-row.ts';
import { nextWaiting, type SessionEntry } from './session-entry.ts';

/** Claims what can be claimed of a request, and what its rate lets through, for an owner that is alive. */
export function claimBatches(
  entry: SessionEntry,
  request: ClaimRequest,
  owner: OwnerId,
  now: Timestamp,
  gate?: RateGate,
): Claimed {
  const isOpen = isOpenForClaims(entry);
  if (!isOpen && !request.numbers) return { claimed: [], repeated: 0 };
  if (!request.numbers) gatherDue(entry, now);
  const claimed: BatchRecord[] = [];
  let repeated = 0;
  for (const [index, token] of request.tokens.entries()) {
    const number = request.numbers ? request.numbers[index] : nextClaimable(entry, now);
    if (number === undefined) break;
    const row = entry.rows[number];
    if (!row) continue;
    if (isClaimedBy(row, token, owner)) repeated++;
    else if (isOpen && canBeClaimed(row, now) && (gate?.admits(token) ?? true)) claimRow(entry, row, token, owner, now, gate);
    else continue;
    claimed.push(batchRecord(entry.given.id, entry.createdAt, number, row));
  }
  return { claimed, repeated };
}

/** What a write claimed. */
export interface Claimed {
  readonly claimed: readonly BatchRecord[];
  /** How many of them ran under their tokens before: the answer to their claim was lost. */
  readonly repeated: number;
}

function isClaimedBy(row: BatchRow, token: Token, owner: OwnerId): boolean {
  return row.state === 'running' && row.token === token && row.owner === owner;
}

function isOpenForClaims({ state, paused, cancelReason }: SessionEntry): boolean {
  return (state === 'running.streaming' || state === 'running.draining') && !paused && cancelReason === null;
}

function canBeClaimed(row: BatchRow, now: Timestamp): boolean {
  return isReady(row.state) || (isWaiting(row.state) && (row.rare?.retryAt ?? never) <= now);
}

function claimRow(
  entry: SessionEntry,
  row: BatchRow,
  token: Token,
  owner: OwnerId,
  now: Timestamp,
  gate: RateGate | undefined,
): void {
  gate?.started(token);
  tallyMove(entry.tally, row.state, 'running');
  row.state = 'running';
  if (!isProbing(row.rare?.isolation ?? null)) row.attempt++;
  row.execution++;
  row.token = token;
  row.owner = owner;
  row.claimedAt = now - entry.createdAt;
  row.ms = null;
  if (row.rare) row.rare.retryAt = null;
}

function gatherDue(entry: SessionEntry, now: Timestamp): void {
  for (let next = nextWaiting(entry); next && next.retryAt <= now; next = nextWaiting(entry)) {
    entry.waiting.pop();
    entry.claimable.push(next.number);
  }
}

/** The lowest number that can be claimed: among those that came back, or the first one never claimed. */
function nextClaimable(entry: SessionEntry, now: Timestamp): number | undefined {
  const { claimable, rows } = entry;
  while (entry.scanned < rows.length && (rows[entry.scanned] as BatchRow).state !== 'pending') entry.scanned++;
  for (let again = claimable.peek(); again !== undefined && again < entry.scanned; again = claimable.peek()) {
    claimable.pop();
    if (canBeClaimed(rows[again] as BatchRow, now)) return again;
  }
  return entry.scanned < rows.length ? entry.scanned : undefined;
}
