import type { OwnerId, Timestamp } from '../../../model/ids.ts';
import type { CommitAnswer, SessionAnswer, SessionCommit } from '../../../model/store.ts';
import { answerForNone } from '../answer-for-none.ts';
import { countsOf, isReached } from '../tally.ts';
import { newRow } from './batch-row.ts';
import { type Claimed, claimBatches } from './claim-batches.ts';
import { giveUpAhead } from './dead-letters.ts';
import { applyWrite, isSettledSo } from './move-batch.ts';
import { lowestOpen, nextDueAt, type SessionEntry } from './session-entry.ts';
import type { MemoryState } from './state.ts';

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
    done++;
    return true;
  });
  const isThere = part.enqueue !== undefined && epochHolds && isReached(entry.position, part.enqueue);
  const enqueued = part.enqueue !== undefined && epochHolds && !isThere && enqueue(entry, part.enqueue, now);
  const { claimed, repeated } = part.claim && claimer ? claimBatches(entry, part.claim, claimer, now) : nothingClaimed;
  const fresh = claimed.length - repeated;
  entry.eventNumber += done + Number(enqueued) + fresh;
  state.wrote(done + fresh + (enqueued ? (part.enqueue?.batches.length ?? 0) : 0) + 1);
  return {
    written,
    enqueued: enqueued || isThere,
    claimed,
    counts: countsOf(entry.tally),
    counters: Object.fromEntries(entry.counters),
    lowestOpen: lowestOpen(entry),
    nextDueAt: nextDueAt(entry),
    eventNumber: entry.eventNumber,
    paused: entry.paused,
    cancelReason: entry.cancelReason,
  };
}

const nothingClaimed: Claimed = { claimed: [], repeated: 0 };

/** Adds batches behind the last one. Nothing is added out of turn, or when the barrier may have been passed. */
function enqueue(entry: SessionEntry, { batches, position }: NonNullable<SessionCommit['enqueue']>, now: Timestamp): boolean {
  if (entry.state !== 'pending' && entry.state !== 'running.streaming' && entry.state !== 'running.draining') return false;
  if (position.chunks !== entry.rows.length + batches.length) return false;
  if (batches.some((batch, index) => batch.number !== entry.rows.length + index)) return false;
  for (const batch of batches) {
    const row = newRow(batch, now - entry.createdAt);
    entry.rows.push(row);
    if (entry.letters.size > 0) giveUpAhead(entry, batch.number, row);
    entry.tally.items += batch.items;
  }
  entry.tally.pending += batches.length;
  entry.position = { chunks: position.chunks, items: position.items, ended: position.ended };
  return true;
}
