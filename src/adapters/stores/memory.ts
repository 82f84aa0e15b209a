import { type Clock, systemClock } from '../../model/clock.ts';
import type { Timestamp } from '../../model/ids.ts';
import type { Store } from '../../model/store.ts';
import type { PruneFilter } from '../../model/store-filters.ts';
import { checkAuthority, checkingAuthority } from './check-authority.ts';
import { answerQuestion } from './memory/answer-questions.ts';
import { batchMethods } from './memory/batch-methods.ts';
import { cacheMethods } from './memory/cached-outputs.ts';
import { forgetSession } from './memory/forget-session.ts';
import { notificationMethods } from './memory/notification-methods.ts';
import { memoryReplica } from './memory/replica/replica.ts';
import { scheduleMethods } from './memory/schedule-methods.ts';
import type { SessionEntry } from './memory/session-entry.ts';
import { sessionMethods } from './memory/session-methods.ts';
import { createState, type MemoryState } from './memory/state.ts';

/** Options of {@link memory}. */
export interface MemoryOptions {
  /** Where the time comes from. @default the machine's clock */
  clock?: Clock;
}

/**
 * A store that lives and dies with this process: for runs that are simply started again, and for tests.
 * What it keeps grows with the number of batches, about 200 bytes each, until their session is pruned.
 */
export function memory(options: MemoryOptions = {}): Store {
  const state = createState(options.clock ?? systemClock);
  const methods = {
    ...ownerMethods(state),
    ...sessionMethods(state),
    ...batchMethods(state),
    ...scheduleMethods(state),
    ...notificationMethods(state),
    ...cacheMethods(state),
    prune: async (filter: PruneFilter) => prune(state, filter),
  };
  return {
    name: 'memory',
    supports: { durable: false, shared: false },
    open: async () => state.look(),
    close: async () => state.close(),
    ...methods,
    ...checkingAuthority(methods, () => checkAuthority(state.stage)),
    replica: memoryReplica(state),
    query: async (name, filter) => answerQuestion(state, name, filter),
    operations: () => state.operations(),
    async now() {
      state.look();
      return state.time();
    },
  };
}

function ownerMethods(state: MemoryState): Pick<Store, 'registerOwner' | 'renewOwner' | 'removeOwner'> {
  const { owners } = state;
  return {
    async registerOwner(id, leaseMs) {
      const leaseExpiresAt = state.begin() + leaseMs;
      checkAuthority(state.stage);
      owners.set(id, leaseExpiresAt);
      state.wrote(1);
      return { id, leaseExpiresAt };
    },
    async renewOwner(id, leaseMs) {
      const now = state.begin();
      if (!state.isAlive(id, now)) return undefined;
      owners.set(id, now + leaseMs);
      state.wrote(1);
      return { id, leaseExpiresAt: now + leaseMs };
    },
    async removeOwner(id) {
      state.begin();
      if (owners.delete(id)) state.wrote(1);
    },
  };
}

function prune(state: MemoryState, filter: PruneFilter): number {
  const now = state.begin();
  let pruned = 0;
  for (const [sessionId, entry] of state.sessions) {
    if (pruned >= filter.limit) break;
    if (!isDue(entry, filter, now) || (filter.id !== undefined && filter.id !== sessionId)) continue;
    forgetSession(state, sessionId);
    state.wrote(entry.rows.length + 1);
    pruned++;
  }
  return pruned;
}

function isDue({ endedAt, given: { keepMs } }: SessionEntry, filter: PruneFilter, now: Timestamp): boolean {
  if (endedAt === null) return false;
  return filter.overdue ? keepMs !== null && endedAt + keepMs <= now : endedAt < filter.endedBefore;
}
