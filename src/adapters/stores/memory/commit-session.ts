import type { OwnerId, Timestamp } from '../../../model/ids.ts';
import type { CommitAnswer, SessionAnswer, SessionCommit } from '../../../model/store.ts';
import { answerForNone } from '../answer-for-none.ts';
import { heldBy, openRateGate, type RateGate } from '../rate-window.ts';
import { countsOf, isReached } from '../tally.ts';
import { newRow } from './batch-row.ts';
import { writeCache } from './cached-outputs.ts';
import { type Claimed, claimBatches } from './claim-batches.ts';
import { giveUpAhead } from './dead-letters.ts';
import { applyWrite, isSettledSo } from './move-batch.ts';
import { lowestOpen, nextDueAt, type SessionEntry } from './session-entry.ts';
import type { MemoryState } from './state.ts';
import { endAsDuplicate, enterTask, findOriginal, knownDuplicates } from './tasks.ts';

/** Settles, enqueues and claims for several sessions. */
export function commitSessions(state: MemoryState, owner: OwnerId, sessions: readonly SessionCommit[]): CommitAnswer {
  const now = state.begin();
  const mayClaim = state.isAlive(owner, now);
  return {
    now,
    sessions: sessions.map((part) => {
      const entry = state.sessions.get(part.sessionId);
      return entry ? commitSession(state, entry, part, mayClaim ? owner : undefined, now) : answerForNone(part);
    }),
  };
}

function commitSession(
  state: MemoryState,
  entry: SessionEntry,
  part: SessionCommit,
  claimer: OwnerId | undefined,
  now: Timestamp,
): SessionAnswer {
  const epochHolds = part.epoch === entry.epoch;
  let done = 0;
  const written = (part.writes ?? []).map((write) => {
    if (!applyWrite(entry, write, epochHolds, now)) return isSettledSo(entry.rows[write.number], write);
    if (write.cache) writeCache(state, entry, write, write.cache, now);
    done++;
    return true;
  });
  const isThere = part.enqueue !== undefined && epochHolds && isReached(entry.position, part.enqueue);
  const enqueued = part.enqueue !== undefined && epochHolds && !isThere && enqueue(state, entry, part.enqueue, now);
  const duplicates = part.enqueue?.dedupe && (enqueued || isThere) ? knownDuplicates(entry, part.enqueue) : [];
  const gate = part.claim?.rate && openRateGate(part.claim, (bucket) => state.rates.get(bucket) ?? [], now);
  const { claimed, repeated } = part.claim && claimer ? claimBatches(entry, part.claim, claimer, now, gate) : nothingClaimed;
  if (gate) countStarts(state, gate, now);
  const fresh = claimed.length - repeated;
  entry.eventNumber += done + Number(enqueued) + fresh;
  state.wrote(done + fresh + (enqueued ? (part.enqueue?.batches.length ?? 0) : 0) + 1);
  return {
    written,
    enqueued: enqueued || isThere,
    ...(duplicates.length > 0 && { duplicates }),
    claimed,
    ...heldBy(gate),
    counts: countsOf(entry.tally),
    counters: Object.fromEntries(entry.counters),
    lowestOpen: lowestOpen(entry),
    nextDueAt: nextDueAt(entry),
    eventNumber: entry.eventNumber,
    paused: entry.paused,
    cancelReason: entry.cancelReason,
  };
}

/** Keeps what was counted, and forgets names under which nothing counts any more. */
function countStarts({ rates }: MemoryState, gate: RateGate, now: Timestamp): void {
  const changed = gate.changed();
  if (changed.size === 0) return;
  for (const [bucket, starts] of rates) if ((starts.at(-1)?.[0] ?? 0) <= now) rates.delete(bucket);
  for (const [bucket, starts] of changed) rates.set(bucket, starts);
}

const nothingClaimed: Claimed = { claimed: [], repeated: 0 };

/** Adds batches behind the last one. Nothing is added out of turn, or when the barrier may have been passed. */
function enqueue(
  state: MemoryState,
  entry: SessionEntry,
  { batches, position, dedupe }: NonNullable<SessionCommit['enqueue']>,
  now: Timestamp,
): boolean {
  if (entry.state !== 'pending' && entry.state !== 'running.streaming' && entry.state !== 'running.draining') return false;
  if (position.chunks !== entry.rows.length + batches.length) return false;
  if (batches.some((batch, index) => batch.number !== entry.rows.length + index)) return false;
  for (const batch of batches) {
    const { number, taskId } = batch;
    const row = newRow(batch, now - entry.createdAt);
    const original = dedupe && taskId !== null ? findOriginal(state, taskId, dedupe, now) : undefined;
    entry.rows.push(row);
    entry.tally.items += batch.items;
    entry.tally.pending++;
    if (entry.letters.size > 0) giveUpAhead(entry, number, row);
    if (original) endAsDuplicate(entry, row, original, now);
    if (taskId !== null) enterTask(state, taskId, { entry, number });
  }
  entry.position = { chunks: position.chunks, items: position.items, ended: position.ended };
  if (batches.length > 0) entry.takeovers = 0;
  return true;
}
