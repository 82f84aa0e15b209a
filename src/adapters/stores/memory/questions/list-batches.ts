import { type BatchState, isEndedBatch, isEndedSession } from '../../../../model/moves.ts';
import type { CrashedBatch, FoundBatch, Questions, RunningBatch, Within } from '../../../../model/questions.ts';
import type { AttemptRecord } from '../../../../model/records.ts';
import { readDefaultTask } from '../../default-task.ts';
import type { SessionEntry } from '../session-entry.ts';
import type { MemoryState } from '../state.ts';
import { byPlace, firstOf, foundBatch, momentOf, type Place, placesOf } from './found-batch.ts';

/* Questions whose answers are batches. */

type Filter<Name extends keyof Questions> = Questions[Name]['filter'];

/** Whether an attempt that ended so crashed. */
export function isCrash(outcome: BatchState): boolean {
  return outcome.startsWith('crashed.');
}

export function crashed(state: MemoryState, { sessionId, since = 0, limit }: Filter<'crashed'>): readonly CrashedBatch[] {
  const found: (Place & { readonly crashes: readonly AttemptRecord[]; readonly last: AttemptRecord })[] = [];
  for (const place of placesOf(state, isOf(sessionId))) {
    const crashes = (place.row.rare?.attempts ?? []).filter(({ outcome, endedAt }) => isCrash(outcome) && endedAt >= since);
    const last = crashes.at(-1);
    if (last) found.push({ ...place, crashes, last });
  }
  found.sort((left, right) => right.last.endedAt - left.last.endedAt || byPlace(left, right));
  return found.slice(0, limit).map((place) => {
    const { crashes, last } = place;
    const { claimedAt, endedAt, error } = last;
    return { ...foundBatch(place), crash: { times: crashes.length, startedAt: claimedAt, endedAt, error } };
  });
}

/** Lets through one session, or all. */
export function isOf(sessionId: SessionEntry['given']['id'] | undefined): (entry: SessionEntry) => boolean {
  return ({ given }) => sessionId === undefined || given.id === sessionId;
}

type Timed = Place & { readonly ms: number };

export function slowest(state: MemoryState, { limit, ...within }: Filter<'slowest'>): readonly FoundBatch[] {
  const slowestFirst = (left: Timed, right: Timed): number => right.ms - left.ms || byPlace(left, right);
  return firstOf(timed(state, within), limit, slowestFirst).map(foundBatch);
}

function* timed(state: MemoryState, { sessionId, since = 0 }: Within): Generator<Timed> {
  for (const place of placesOf(state, isOf(sessionId))) {
    const { entry, row } = place;
    if (row.state !== 'completed' || row.ms === null || entry.createdAt + row.endedAt < since) continue;
    yield { ...place, ms: row.ms };
  }
}

export function chain(state: MemoryState, { taskId, limit }: Filter<'chain'>): readonly FoundBatch[] {
  const named = readDefaultTask(taskId);
  const found: Place[] = [];
  let order = 0;
  for (const entry of state.sessions.values()) {
    order++;
    if (named?.job !== entry.given.job || named.key !== entry.given.key) continue;
    const row = entry.rows[named.number];
    if (row && (row.cut?.taskId ?? null) === null) found.push({ entry, order, number: named.number, row });
  }
  const orders = new Map([...state.sessions.values()].map((entry, place) => [entry, place + 1]));
  for (const { entry, number } of state.tasks.get(taskId) ?? []) {
    const row = entry.rows[number];
    if (row) found.push({ entry, order: orders.get(entry) ?? 0, number, row });
  }
  const at = ({ entry, row }: Place): number => entry.createdAt + row.enqueuedAt;
  found.sort((left, right) => at(left) - at(right) || byPlace(left, right));
  return found.slice(-Math.max(1, limit)).slice(0, limit).map(foundBatch);
}

export function running(state: MemoryState, { stuckSince, limit }: Filter<'running'>): readonly RunningBatch[] {
  const now = state.time();
  const isLive = (entry: SessionEntry): boolean => !isEndedSession(entry.state) && entry.tally.running > 0;
  const found: RunningPlace[] = [];
  for (const place of placesOf(state, isLive)) {
    const { entry, row } = place;
    if (row.state !== 'running') continue;
    const at = entry.createdAt + row.claimedAt;
    const lost = !state.isAlive(row.owner, now);
    if (stuckSince === undefined || lost || at <= stuckSince) found.push({ ...place, lost, at });
  }
  found.sort((left, right) => left.at - right.at || byPlace(left, right));
  return found.slice(0, limit).map((place) => ({ ...foundBatch(place), owner: place.row.owner, lost: place.lost }));
}

type RunningPlace = Place & { readonly lost: boolean; readonly at: number };

type Changed = Place & { readonly at: number };

export function newest(state: MemoryState, { limit }: Filter<'newest'>): readonly FoundBatch[] {
  const newestFirst = (left: Changed, right: Changed): number => right.at - left.at || byPlace(left, right);
  return firstOf(changed(state), limit, newestFirst).map(foundBatch);
}

function* changed(state: MemoryState): Generator<Changed> {
  for (const place of placesOf(state)) {
    const { entry, row } = place;
    const hasEnded = isEndedBatch(row.state);
    if (!hasEnded && isEndedSession(entry.state)) continue;
    const open = momentOf(entry, row.claimedAt) ?? entry.createdAt + row.enqueuedAt;
    yield { ...place, at: hasEnded ? entry.createdAt + row.endedAt : open };
  }
}
