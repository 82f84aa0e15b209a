import type { SessionId } from '../../../model/ids.ts';
import { keyOf, type MemoryState } from './state.ts';
import { leaveTasks } from './tasks.ts';

/** Deletes a session with all that belongs to it. */
export function forgetSession(state: MemoryState, id: SessionId): void {
  const entry = state.sessions.get(id);
  if (!entry) return;
  state.sessions.delete(id);
  leaveTasks(state, entry);
  const name = keyOf(entry.given.job, entry.given.key);
  if (state.newest.get(name) === entry) state.newest.delete(name);
  if (state.live.get(name) === entry) state.live.delete(name);
}
