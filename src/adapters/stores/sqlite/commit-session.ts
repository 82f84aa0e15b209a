import type { Timestamp, Token } from '../../../model/ids.ts';
import type { BatchRecord, NewBatch, Position } from '../../../model/records.ts';
import type { ClaimRequest, Commit, CommitAnswer, DuplicateTask, SessionAnswer, SessionCommit } from '../../../model/store.ts';
import { answerForNone } from '../answer-for-none.ts';
import { heldBy, type RateGate } from '../rate-window.ts';
import { countsOf, isReached, tallyMove } from '../tally.ts';
import { type Claimer, claimedBefore, claimStored } from './claim-batches.ts';
import { giveUpAhead } from './dead-letters.ts';
import { enqueueBatches, type FreshClaims, freshRecord } from './enqueue-batches.ts';
import type { SqliteFile } from './file.ts';
import { fromFileTextOrNull } from './file-text.ts';
import type { Owners } from './owners.ts';
import { countStarts, rateGateOf } from './rates.ts';
import { readCounters, readSessionRow, type SessionRow, tallyOf } from './session-rows.ts';
import { enqueueDuplicates, findDuplicates, knownDuplicates } from './tasks.ts';
import { applyWrite, type Commitment, isSettledSo } from './write-batch.ts';

/** Settles, enqueues and claims for several sessions in one transaction. */
export function commitSessions(file: SqliteFile, owners: Owners, { owner, sessions }: Commit): CommitAnswer {
  return file.write('group', (now) => {
    const no = owners.livingNo(owner, now);
    const claimer = no === undefined ? undefined : { id: owner, no };
    return { now, sessions: sessions.map((part) => commitSession(file, part, claimer, now)) };
  });
}

function commitSession(file: SqliteFile, part: SessionCommit, claimer: Claimer | undefined, now: Timestamp): SessionAnswer {
  const row = readSessionRow(file, part.sessionId);
  if (!row) return answerForNone(part);
  const commitment = commitmentOf(file, row, row.epoch === part.epoch, now);
  let done = 0;
  const written = (part.writes ?? []).map((write) => {
    if (!applyWrite(commitment, write)) return isSettledSo(commitment, write);
    done++;
    return true;
  });
  const reached = { chunks: row.chunks, items: row.items_cut, ended: row.source_ended === 1 };
  const isThere = part.enqueue !== undefined && commitment.epochHolds && isReached(reached, part.enqueue);
  const enqueue = part.enqueue && !isThere && canEnqueue(commitment, row, part.enqueue) ? part.enqueue : undefined;
  const duplicates =
    isThere && part.enqueue ? knownDuplicates(file, row, part.enqueue) : enqueue ? findDuplicates(file, row, enqueue, now) : [];
  const gate = rateGateOf(file, part.claim, now);
  const { claimed, repeated } = enqueueAndClaim(commitment, row, { ...part, enqueue, duplicates, gate }, claimer);
  if (gate) countStarts(file, gate, now);
  const position = enqueue?.position ?? reached;
  const eventNumber = row.event_number + done + Number(enqueue !== undefined) + claimed.length - repeated;
  writeSession(commitment, position, eventNumber);
  return {
    written,
    enqueued: enqueue !== undefined || isThere,
    ...(duplicates.length > 0 && { duplicates }),
    claimed,
    ...heldBy(gate),
    counts: countsOf(commitment.tally),
    counters: Object.fromEntries(commitment.counters),
    lowestOpen: file.get<{ number: number | null }>(lowestOpenSql, row.no)?.number ?? position.chunks,
    nextDueAt: file.get<{ at: number | null }>(nextDueSql, row.no)?.at ?? null,
    eventNumber,
    paused: row.paused !== 0,
    cancelReason: fromFileTextOrNull(row.cancel_reason),
  };
}

/** What writes of a session change. */
export function commitmentOf(file: SqliteFile, row: SessionRow, epochHolds: boolean, now: Timestamp): Commitment {
  const counters = new Map(Object.entries(readCounters(row.counters)));
  return { file, session: row.no, epochHolds, now, tally: tallyOf(row), counters, takeovers: row.takeovers };
}

export const lowestOpenSql = `select min(number) as number from batches indexed by batches_open where session = ? and state < 10`;

export const nextDueSql = 'select min(retry_at) as at from batches where session = ? and retry_at is not null';

/** Batches are added behind the last one, and never when the barrier may have been passed. */
function canEnqueue({ epochHolds }: Commitment, row: SessionRow, { batches, position }: Enqueue): boolean {
  const open = row.state === 'pending' || row.state === 'running.streaming' || row.state === 'running.draining';
  if (!epochHolds || !open || position.chunks !== row.chunks + batches.length) return false;
  return batches.every((batch, index) => batch.number === row.chunks + index);
}

type Enqueue = NonNullable<SessionCommit['enqueue']>;

interface EnqueueAndClaim extends Pick<SessionCommit, 'claim'> {
  readonly enqueue: Enqueue | undefined;
  readonly duplicates: readonly DuplicateTask[];
  readonly gate: RateGate | undefined;
}

/** Stored batches come before new ones, as their numbers do; so new ones get what tokens are left, as they are inserted. */
function enqueueAndClaim(
  commitment: Commitment,
  row: SessionRow,
  { enqueue, duplicates, claim, gate }: EnqueueAndClaim,
  claimer: Claimer | undefined,
): { readonly claimed: readonly BatchRecord[]; readonly repeated: number } {
  const { file, tally, now } = commitment;
  const batches = enqueue?.batches ?? [];
  const request = claimer && isOpenForClaims(row) ? claim : undefined;
  const old = request && batches.length > 0 ? withoutNew(request, row.chunks) : request;
  const stored = old && claimer ? claimStored(file, row, old, claimer, now, gate) : [];
  const again =
    claim?.numbers && claimer
      ? claimedBefore(file, row, claim, claimer, [...stored.map(({ claimed }) => claimed), ...batches])
      : [];
  for (const { before } of stored) tallyMove(tally, before.state, 'running');
  const own = enqueue ? withoutDuplicates(batches, duplicates) : [];
  const fresh = freshClaims(request, stored.length, own, gate);
  enqueueBatches(file, row, own, fresh, claimer?.no ?? null, now);
  if (enqueue && duplicates.length > 0) enqueueDuplicates(commitment, enqueue, duplicates);
  if (batches.length > 0) commitment.takeovers = 0;
  if (batches.length > 0 && tally.itemsFailed > 0) giveUpAhead(file, row.no, row.chunks);
  tally.items += batches.reduce((sum, { items }) => sum + items, 0);
  tally.pending += own.length - fresh.size;
  tally.running += fresh.size;
  const news = batches.flatMap((batch) => {
    const token = fresh.get(batch.number);
    return token === undefined ? [] : [freshRecord(row, batch, token, claimer?.id ?? null, now)];
  });
  const claimed = inOrderOf(claim?.tokens ?? [], [...stored.map((one) => one.claimed), ...news, ...again]);
  return { claimed, repeated: again.length };
}

/** The part of a request that the file may answer: looking new batches up in it costs as much as inserting them. */
function withoutNew(request: ClaimRequest, firstNew: number): ClaimRequest {
  const { tokens, numbers } = request;
  if (!numbers) return request;
  const isOld = (_: unknown, index: number): boolean => (numbers[index] ?? 0) < firstNew;
  return { tokens: tokens.filter(isOld), numbers: numbers.filter(isOld) };
}

function withoutDuplicates(batches: readonly NewBatch[], duplicates: readonly DuplicateTask[]): readonly NewBatch[] {
  if (duplicates.length === 0) return batches;
  const passed = new Set(duplicates.map(({ number }) => number));
  return batches.filter(({ number }) => !passed.has(number));
}

function inOrderOf(tokens: readonly Token[], claimed: readonly BatchRecord[]): readonly BatchRecord[] {
  let matching = 0;
  for (const token of tokens) if (claimed[matching]?.token === token) matching++;
  if (matching === claimed.length) return claimed;
  const records = new Map(claimed.map((record) => [record.token, record]));
  return tokens.flatMap((token) => records.get(token) ?? []);
}

function isOpenForClaims({ state, paused, cancel_reason }: SessionRow): boolean {
  return (state === 'running.streaming' || state === 'running.draining') && paused === 0 && cancel_reason === null;
}

function freshClaims(
  request: SessionCommit['claim'],
  used: number,
  batches: readonly { readonly number: number }[],
  gate: RateGate | undefined,
): FreshClaims {
  const fresh = new Map<number, Token>();
  if (!request || batches.length === 0) return fresh;
  const numbers = new Set(batches.map(({ number }) => number));
  for (const [index, token] of request.tokens.entries()) {
    const number = request.numbers ? request.numbers[index] : batches[index - used]?.number;
    if (number === undefined || !numbers.has(number) || fresh.has(number) || !(gate?.admits(token) ?? true)) continue;
    gate?.started(token);
    fresh.set(number, token);
  }
  return fresh;
}

const writeSessionSql = `update sessions set chunks = ?, items_cut = ?, source_ended = ?, items = ?, items_completed = ?,
  items_failed = ?, items_cancelled = ?, pending = ?, running = ?, completed = ?, failed = ?, crashed = ?, cancelled = ?,
  items_duplicate = ?, counters = ?, takeovers = ?, event_number = ? where no = ?`;

/** Writes what a session's writes changed. */
export function writeSession(
  { file, session, tally, counters, takeovers }: Commitment,
  position: Position,
  eventNumber: number,
): void {
  file.run(
    writeSessionSql,
    position.chunks,
    position.items,
    Number(position.ended),
    tally.items,
    tally.itemsCompleted,
    tally.itemsFailed,
    tally.itemsCancelled,
    tally.pending,
    tally.running,
    tally.completed,
    tally.failed,
    tally.crashed,
    tally.cancelled,
    tally.itemsDuplicate,
    JSON.stringify(Object.fromEntries(counters)),
    takeovers,
    eventNumber,
    session,
  );
}
