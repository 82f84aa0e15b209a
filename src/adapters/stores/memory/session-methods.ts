import type { OwnerId, SessionId, Timestamp } from '../../../model/ids.ts';
import { isEndedBatch, isEndedSession, isSessionMove } from '../../../model/moves.ts';
import type { NewSession, SessionRecord } from '../../../model/records.ts';
import type { SessionFilter, SessionMoved, SessionWrite, Store } from '../../../model/store.ts';
import { moveRow } from './move-batch.ts';
import { notifyEnding } from './notification-methods.ts';
import { ownError } from './own.ts';
import { beginGeneration, isKeyTaken, replayEntry } from './replay-session.ts';
import { hasFreeSeat } from './seats.ts';
import { lowestOpen, newEntry, type SessionEntry, sessionRecord } from './session-entry.ts';
import { keyOf, type MemoryState } from './state.ts';

type SessionMethods = Pick<
  Store,
  | 'createSession'
  | 'getSession'
  | 'findSession'
  | 'listSessions'
  | 'moveSession'
  | 'requestSession'
  | 'countFinalizeTry'
  | 'replaySession'
  | 'adoptSession'
  | 'leaveSession'
  | 'listCoordinated'
>;

/** What a memory store does with sessions. */
export function sessionMethods(state: MemoryState): SessionMethods {
  const { sessions, newest } = state;
  const fenced = (id: SessionId, epoch: number): SessionEntry | undefined => {
    const entry = sessions.get(id);
    return entry?.epoch === epoch ? entry : undefined;
  };
  return {
    async createSession(session) {
      return createSession(state, session, state.begin());
    },
    async getSession(id) {
      state.look();
      return recordOf(sessions.get(id));
    },
    async findSession(job, key) {
      state.look();
      return recordOf(newest.get(keyOf(job, key)));
    },
    async listSessions(filter) {
      state.look();
      return listSessions(state, filter);
    },
    async moveSession(move) {
      const now = state.begin();
      return moveSession(state, move, now);
    },
    async requestSession(id, request) {
      state.begin();
      const entry = sessions.get(id);
      if (!entry) return undefined;
      if (!isEndedSession(entry.state)) {
        entry.paused = request.paused ?? entry.paused;
        entry.cancelReason ??= request.cancelReason ?? null;
        noteEvent(state, entry);
      }
      return sessionRecord(entry);
    },
    async countFinalizeTry(id, epoch) {
      state.begin();
      const entry = fenced(id, epoch);
      if (!entry) return undefined;
      state.wrote(1);
      entry.finalizeTries++;
      return entry.finalizeTries;
    },
    async replaySession(replay) {
      const now = state.begin();
      const entry = sessions.get(replay.id);
      return entry && recordOf(replayEntry(state, entry, replay, now));
    },
    async adoptSession(id, owner) {
      const now = state.begin();
      const entry = sessions.get(id);
      return entry && recordOf(adopt(state, entry, owner, now));
    },
    async listCoordinated(owner) {
      state.look();
      const mine = [...sessions.values()].filter((entry) => entry.coordinator === owner && !isEndedSession(entry.state));
      return mine.map(({ given, epoch }) => ({ id: given.id, epoch }));
    },
    async leaveSession(id, epoch) {
      state.begin();
      const entry = fenced(id, epoch);
      if (!entry) return;
      entry.coordinator = null;
      state.wrote(1);
    },
  };
}

/** Records a session, unless one of its key is live. */
export function createSession(
  state: MemoryState,
  session: NewSession,
  now: Timestamp,
): Awaited<ReturnType<Store['createSession']>> {
  const { sessions, newest, live } = state;
  const same = sessions.get(session.id);
  if (same) return { type: 'created', session: sessionRecord(same) };
  const name = keyOf(session.job, session.key);
  const holder = live.get(name);
  if (holder && !isEndedSession(holder.state)) return { type: 'live', session: sessionRecord(holder) };
  const entry = newEntry(session, now, ++state.newestOrder);
  sessions.set(session.id, entry);
  newest.set(name, entry);
  live.set(name, entry);
  state.wrote(1);
  return { type: 'created', session: sessionRecord(entry) };
}

function adopt(state: MemoryState, entry: SessionEntry, owner: OwnerId, now: Timestamp): SessionEntry | undefined {
  if (isEndedSession(entry.state) || !state.isAlive(owner, now)) return undefined;
  if (entry.coordinator === owner) return entry;
  if (!state.isOrphaned(entry, now)) return undefined;
  if (state.hasDied(entry.coordinator, now)) entry.takeovers++;
  entry.coordinator = owner;
  entry.epoch++;
  noteEvent(state, entry);
  return entry;
}

function noteEvent(state: MemoryState, entry: SessionEntry): void {
  entry.eventNumber++;
  state.wrote(1);
}

function recordOf(entry: SessionEntry | undefined): SessionRecord | undefined {
  return entry && sessionRecord(entry);
}

function listSessions(state: MemoryState, filter: SessionFilter): readonly SessionRecord[] {
  const now = state.time();
  const found: SessionRecord[] = [];
  let waitFor = filter.after;
  for (const entry of filter.id === undefined ? [...state.sessions.values()].reverse() : named(state, filter.id)) {
    if (found.length >= filter.limit) break;
    if (waitFor !== undefined) {
      if (entry.given.id === waitFor) waitFor = undefined;
      continue;
    }
    if (isListed(state, entry, filter, now)) found.push(sessionRecord(entry));
  }
  return found;
}

function named(state: MemoryState, id: SessionId): readonly SessionEntry[] {
  const entry = state.sessions.get(id);
  return entry ? [entry] : [];
}

function isListed(state: MemoryState, entry: SessionEntry, filter: SessionFilter, now: Timestamp): boolean {
  if (filter.job !== undefined && entry.given.job !== filter.job) return false;
  if (filter.states && !filter.states.includes(entry.state)) return false;
  if (filter.seatKey !== undefined && (entry.given.seat?.key !== filter.seatKey || isEndedSession(entry.state))) return false;
  if (filter.createdSince !== undefined && entry.createdAt < filter.createdSince) return false;
  return !filter.orphaned || state.isOrphaned(entry, now);
}

function moveSession(state: MemoryState, move: SessionWrite, now: Timestamp): SessionMoved {
  const entry = state.sessions.get(move.id);
  if (!entry) return { moved: false, session: undefined };
  const moved = canMove(state, entry, move, now);
  if (moved) {
    if (move.cancelOpen) cancelOpen(state, entry, now);
    applyMove(state, entry, move, now);
    noteEvent(state, entry);
    if (isEndedSession(move.to)) notifyEnding(state, entry);
  }
  return { moved, session: sessionRecord(entry) };
}

function canMove(state: MemoryState, entry: SessionEntry, move: SessionWrite, now: Timestamp): boolean {
  if (entry.epoch !== move.epoch || entry.state !== move.from || !isSessionMove(move.from, move.to)) return false;
  if (isEndedSession(move.from) && !isEndedSession(move.to) && isKeyTaken(state, entry)) return false;
  if (move.from === 'pending' && move.to === 'running.streaming' && !hasFreeSeat(state, entry, now)) return false;
  return !move.requireNothingOpen || (entry.position.ended && lowestOpen(entry) === entry.rows.length);
}

function applyMove(state: MemoryState, entry: SessionEntry, move: SessionWrite, now: Timestamp): void {
  entry.state = move.to;
  if (move.to === 'running.streaming') entry.startedAt ??= now;
  entry.endedAt = isEndedSession(move.to) ? now : null;
  if (isEndedSession(move.from)) beginGeneration(state, entry);
  if (move.to === 'completed') {
    entry.result = move.result ?? null;
    entry.resultGeneration = entry.generation;
  }
  if (move.error !== undefined) entry.error = ownError(move.error);
}

function cancelOpen(state: MemoryState, entry: SessionEntry, now: Timestamp): void {
  for (let number = lowestOpen(entry); number < entry.rows.length; number++) {
    const row = entry.rows[number];
    if (!row || isEndedBatch(row.state)) continue;
    moveRow(entry, number, row, 'cancelled', now);
    state.wrote(1);
  }
}
