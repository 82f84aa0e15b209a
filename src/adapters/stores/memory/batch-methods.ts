import type { Timestamp } from '../../../model/ids.ts';
import { isEndedBatch } from '../../../model/moves.ts';
import type { AttemptRecord, BatchRecord, OutputRecord } from '../../../model/records.ts';
import type { BatchFilter, OutputFilter, Store } from '../../../model/store.ts';
import { hostDeath } from '../host-death.ts';
import { isWaiting } from '../tally.ts';
import { attemptsOf, type BatchRow, batchRecord, type RowOutput, rareOf } from './batch-row.ts';
import { commitSessions } from './commit-session.ts';
import { groupLetters, listLetters, purgeLetters } from './dead-letters.ts';
import { moveRow } from './move-batch.ts';
import type { SessionEntry } from './session-entry.ts';
import type { MemoryState } from './state.ts';
import { listTaskAttempts } from './tasks.ts';

type BatchMethods = Pick<
  Store,
  'commit' | 'rescue' | 'listBatches' | 'listOutputs' | 'listAttempts' | 'listDeadLetters' | 'groupFailures' | 'purgeDeadLetters'
>;

/** What a memory store does with batches. */
export function batchMethods(state: MemoryState): BatchMethods {
  const read = <T>(id: Parameters<typeof state.sessions.get>[0], list: (entry: SessionEntry) => readonly T[]): readonly T[] => {
    state.look();
    const entry = state.sessions.get(id);
    return entry ? list(entry) : [];
  };
  return {
    commit: async ({ owner, sessions }) => commitSessions(state, owner, sessions),
    rescue: async (limit) => rescue(state, limit),
    listBatches: async (filter) => read(filter.sessionId, (entry) => listBatches(entry, filter)),
    listOutputs: async (filter) => read(filter.sessionId, (entry) => listOutputs(entry, filter)),
    async listAttempts({ sessionId, taskId, number, after, limit }) {
      if (sessionId !== undefined) return read(sessionId, (entry) => listAttempts(entry, number).slice(after, after + limit));
      state.look();
      return listTaskAttempts(state, taskId).slice(after, after + limit);
    },
    listDeadLetters: async ({ sessionId, after, limit, ...filter }) =>
      read(sessionId, (entry) => listLetters(entry, filter).slice(after, after + limit)),
    groupFailures: async (sessionId, limit) => read(sessionId, (entry) => groupLetters(entry).slice(0, limit)),
    async purgeDeadLetters(filter) {
      state.begin();
      const entry = state.sessions.get(filter.sessionId);
      const purged = entry ? purgeLetters(entry, filter) : 0;
      state.wrote(purged);
      return purged;
    },
  };
}

function rescue(state: MemoryState, limit: number): number {
  const now = state.begin();
  let rescued = 0;
  for (const entry of state.sessions.values()) {
    if (entry.tally.running === 0) continue;
    for (let number = entry.lowestOpen; number < entry.rows.length && rescued < limit; number++) {
      const row = entry.rows[number] as BatchRow;
      if (row.state !== 'running' || state.isAlive(row.owner, now)) continue;
      // A host that signed off with work in hand has not died of it.
      if (state.hasDied(row.owner, now)) rareOf(row).hostDeaths++;
      moveRow(entry, number, row, 'crashed.deciding', now, { error: hostDeath });
      entry.eventNumber++;
      rescued++;
    }
  }
  state.wrote(rescued);
  return rescued;
}

function listBatches(entry: SessionEntry, filter: BatchFilter): readonly BatchRecord[] {
  const { dueBy } = filter;
  const numbers = filter.numbers ? [...new Set(filter.numbers)].sort((a, b) => a - b) : entry.rows.keys();
  const found: BatchRecord[] = [];
  for (const number of numbers) {
    const row = entry.rows[number];
    if (!row || !isListed(number, row, filter)) continue;
    found.push(batchRecord(entry.given.id, entry.createdAt, number, row));
    if (dueBy === undefined && found.length >= filter.limit) break;
  }
  if (dueBy !== undefined) found.sort((left, right) => (left.retryAt ?? 0) - (right.retryAt ?? 0));
  return found.slice(0, filter.limit);
}

function isListed(number: number, row: BatchRow, filter: BatchFilter): boolean {
  if (number < (filter.from ?? 0)) return false;
  if (filter.open && isEndedBatch(row.state)) return false;
  if (filter.states && !filter.states.includes(row.state)) return false;
  if (filter.touching && !isTouched(row, filter.touching)) return false;
  return filter.dueBy === undefined || (isWaiting(row.state) && isDue(row, filter.dueBy));
}

function isTouched({ first, items, cut }: BatchRow, { from, to }: NonNullable<BatchFilter['touching']>): boolean {
  return Math.max(first - (cut?.before ?? 0), from) < Math.min(first + items + (cut?.after ?? 0), to);
}

function isDue(row: BatchRow, dueBy: Timestamp): boolean {
  return row.rare?.retryAt != null && row.rare.retryAt <= dueBy;
}

function listOutputs(entry: SessionEntry, filter: OutputFilter): readonly OutputRecord[] {
  const found: OutputRecord[] = [];
  for (let number = filter.from; number <= filter.to && number < entry.rows.length && found.length < filter.limit; number++) {
    const batch: OutputRecord[] = [];
    for (let output: RowOutput | null = entry.rows[number]?.output ?? null; output; output = output.older) {
      batch.push({ number, places: output.places, data: output.data });
    }
    found.push(...batch.reverse());
  }
  return found;
}

function listAttempts(entry: SessionEntry, only?: number): readonly AttemptRecord[] {
  const numbers = only === undefined ? [...entry.rows.keys()] : [only];
  const found = numbers.flatMap((number) => {
    const row = entry.rows[number];
    return row ? attemptsOf(entry.given.id, entry.createdAt, number, row) : [];
  });
  // The sort is stable: attempts that ended together stay in the order of their batches.
  return found.sort((left, right) => left.endedAt - right.endedAt);
}
