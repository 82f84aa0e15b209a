import type { Timestamp } from '../../../model/ids.ts';
import { isEndedSession } from '../../../model/moves.ts';
import type { ReplayWrite } from '../../../model/store.ts';
import { canWriteAll } from '../can-write-all.ts';
import { applyWrite } from './move-batch.ts';
import { hasFreeSeat } from './seats.ts';
import type { SessionEntry } from './session-entry.ts';
import { keyOf, type MemoryState } from './state.ts';

/** Opens an ended session again; undefined when nothing was changed. */
export function replayEntry(
  state: MemoryState,
  entry: SessionEntry,
  { owner, batches }: ReplayWrite,
  now: Timestamp,
): SessionEntry | undefined {
  if (!state.isAlive(owner, now)) return undefined;
  if (entry.state === 'running.draining' && entry.coordinator === owner && entry.generation > 1) return entry;
  if ((entry.state !== 'completed' && entry.state !== 'failed') || isKeyTaken(state, entry)) return undefined;
  if (!hasFreeSeat(state, entry, now)) return undefined;
  if (!canWriteAll(batches, (number) => entry.rows[number])) return undefined;
  for (const write of batches) applyWrite(entry, write, true, now);
  entry.state = 'running.draining';
  entry.coordinator = owner;
  entry.epoch++;
  entry.paused = false;
  entry.cancelReason = null;
  entry.error = null;
  entry.endedAt = null;
  beginGeneration(state, entry);
  entry.eventNumber++;
  state.wrote(batches.length + 1);
  return entry;
}

/** What is counted within a generation begins anew. */
export function beginGeneration(state: MemoryState, entry: SessionEntry): void {
  state.live.set(keyOf(entry.given.job, entry.given.key), entry);
  entry.generation++;
  entry.finalizeTries = 0;
  entry.takeovers = 0;
}

/** A replay makes a session live again: only one of a key may be. */
export function isKeyTaken(state: MemoryState, entry: SessionEntry): boolean {
  const holder = state.live.get(keyOf(entry.given.job, entry.given.key));
  return holder !== undefined && holder !== entry && !isEndedSession(holder.state);
}
