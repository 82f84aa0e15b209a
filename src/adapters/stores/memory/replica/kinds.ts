import type { OwnerId, SessionId } from '../../../../model/ids.ts';
import { type CopyKind, readBatchKey } from '../../../../model/replica.ts';
import { forgetSession } from '../forget-session.ts';
import { putBatch, readBatch, removeBatch } from './batch-copy.ts';
import { kindsBeside } from './beside-sessions.ts';
import type { MemoryKind } from './memory-kind.ts';
import { hasValues, putSession, putValues, readSession, readValues } from './session-copy.ts';

/** What this store does with units, by kind. */
export const memoryKinds: { readonly [Kind in CopyKind]: MemoryKind<Kind> } = {
  ...kindsBeside,
  owners: {
    keys: ({ owners }) => owners.keys(),
    read({ owners }, key) {
      const id = key as OwnerId;
      const leaseExpiresAt = owners.get(id);
      return leaseExpiresAt === undefined ? undefined : { id, leaseExpiresAt };
    },
    put: ({ owners }, _, { id, leaseExpiresAt }) => void owners.set(id, leaseExpiresAt),
    remove: ({ owners }, key) => void owners.delete(key as OwnerId),
  },
  sessions: {
    keys: ({ sessions }) => sessions.keys(),
    read: ({ sessions }, key) => readSession(sessions.get(key as SessionId)),
    put: (state, _, copy) => putSession(state, copy),
    remove: (state, key) => forgetSession(state, key as SessionId),
  },
  values: {
    keys: ({ sessions }) => [...sessions].filter(([, entry]) => hasValues(entry)).map(([id]) => id),
    read: ({ sessions }, key) => readValues(sessions.get(key as SessionId)),
    put: ({ sessions }, key, copy) => putValues(sessions.get(key as SessionId), copy),
    // They go with their session.
    remove: () => undefined,
  },
  batches: {
    keys: () => [],
    read({ sessions }, key) {
      const { session, number } = readBatchKey(key);
      const entry = sessions.get(session);
      return entry && readBatch(entry, number);
    },
    put(state, key, copy) {
      const { session, number } = readBatchKey(key);
      const entry = state.sessions.get(session);
      if (entry) putBatch(state, entry, number, copy);
    },
    remove(state, key) {
      const { session, number } = readBatchKey(key);
      const entry = state.sessions.get(session);
      if (entry) removeBatch(state, entry, number);
    },
  },
};
