import type { Timestamp } from '../../../model/ids.ts';
import { isEndedSession } from '../../../model/moves.ts';
import type { SessionEntry } from './session-entry.ts';
import type { MemoryState } from './state.ts';

/** Whether a session may take its seat: those who sit, and those who wait before it, leave one free. */
export function hasFreeSeat(state: MemoryState, entry: SessionEntry, now: Timestamp): boolean {
  const { seat } = entry.given;
  if (!seat) return true;
  let taken = 0;
  let isBefore = true;
  for (const other of state.sessions.values()) {
    if (other === entry) isBefore = false;
    else if (other.given.seat?.key === seat.key && counts(state, other, entry, isBefore, now)) taken++;
  }
  return taken < seat.limit;
}

/** Whoever waits for a dead host, is held, or is to be cancelled does not keep others waiting. */
function counts(state: MemoryState, other: SessionEntry, entry: SessionEntry, isBefore: boolean, now: Timestamp): boolean {
  if (isEndedSession(other.state)) return false;
  if (other.state !== 'pending') return true;
  if (other.paused || other.cancelReason !== null || !state.isAlive(other.coordinator, now)) return false;
  const ahead = other.given.priority - entry.given.priority;
  return ahead > 0 || (ahead === 0 && isBefore);
}
