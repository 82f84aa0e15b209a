import { isEndedSession } from '../../../../model/moves.ts';
import type { SessionCopy, SessionValues } from '../../../../model/replica.ts';
import { tallyFrom } from '../../tally.ts';
import { ownError } from '../own.ts';
import { newEntry, type SessionEntry, sessionRecord } from '../session-entry.ts';
import { keyOf, type MemoryState } from '../state.ts';

/** Stands for values that have not been copied yet. */
const noValues: SessionValues = { input: '', settings: null, policies: '', metadata: null, result: null };

/** Whether a session's values are there: in a copy on its way they may be missing. */
export function hasValues({ given }: SessionEntry): boolean {
  return given.policies !== noValues.policies;
}

/** A session's row, to be copied. */
export function readSession(entry: SessionEntry | undefined): SessionCopy | undefined {
  if (!entry) return undefined;
  const { input, settings, policies, metadata, result, ...rest } = sessionRecord(entry);
  return { ...rest, order: entry.order };
}

/** A session's large values, to be copied. */
export function readValues(entry: SessionEntry | undefined): SessionValues | undefined {
  if (!entry || !hasValues(entry)) return undefined;
  const { input, settings, policies, metadata } = entry.given;
  return { input, settings, policies, metadata, result: entry.result };
}

/** Takes values over. */
export function putValues(entry: SessionEntry | undefined, { result, ...given }: SessionValues): void {
  if (!entry) return;
  entry.given = { ...entry.given, ...given };
  entry.result = result;
}

/** Takes a session's row over; what hangs on it stays. */
export function putSession(state: MemoryState, copy: SessionCopy): void {
  const known = state.sessions.get(copy.id);
  const { input, settings, policies, metadata } = known?.given ?? noValues;
  const given = { ...copy, input, settings, policies, metadata };
  const entry = known ?? newEntry(given, copy.createdAt, copy.order);
  Object.assign(entry, changesOf(copy), { given });
  Object.assign(entry.tally, tallyFrom(copy.counts));
  entry.counters.clear();
  for (const [name, value] of Object.entries(copy.counters)) entry.counters.set(name, value);
  if (!known) enter(state, entry);
  const name = keyOf(copy.job, copy.key);
  if (!isEndedSession(copy.state)) state.live.set(name, entry);
}

function changesOf(copy: SessionCopy): Partial<SessionEntry> {
  const { state, paused, cancelReason, generation, epoch, coordinator, takeovers, position } = copy;
  const { resultGeneration, error, finalizeTries, eventNumber, startedAt, endedAt } = copy;
  return {
    ...{ state, paused, cancelReason, generation, epoch, coordinator, takeovers, position: { ...position } },
    ...{ resultGeneration, error: ownError(error), finalizeTries, eventNumber, startedAt, endedAt },
  };
}

/** Sessions are kept in the order of their creation, whichever is copied first. */
function enter(state: MemoryState, entry: SessionEntry): void {
  const { sessions, newest } = state;
  state.newestOrder = Math.max(state.newestOrder, entry.order);
  const later = [...sessions.values()].filter(({ order }) => order > entry.order);
  sessions.set(entry.given.id, entry);
  for (const other of later) {
    sessions.delete(other.given.id);
    sessions.set(other.given.id, other);
  }
  const name = keyOf(entry.given.job, entry.given.key);
  if ((newest.get(name)?.order ?? 0) < entry.order) newest.set(name, entry);
}
