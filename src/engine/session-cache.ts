import { LRUCache } from 'lru-cache';
import type { SessionId } from '../model/ids.ts';
import { isEndedSession } from '../model/moves.ts';
import type { SessionRecord } from '../model/records.ts';

const dayMs = 86_400_000;

/** Ended sessions that were looked at lately, with their settings: they change no more, unless they are pruned. */
export interface SessionCache {
  get(id: SessionId): SessionRecord | undefined;
  /** Keeps the record if its session has ended; answers it. */
  keep(record: SessionRecord): SessionRecord;
  /** The session has been opened again. */
  forget(id: SessionId): void;
  clear(): void;
}

/** Holds the 1,000 latest for a day. */
export function createSessionCache(): SessionCache {
  const records = new LRUCache<SessionId, SessionRecord>({ max: 1_000, ttl: dayMs });
  return {
    get: (id) => records.get(id),
    keep(record) {
      if (isEndedSession(record.state)) records.set(record.id, record);
      return record;
    },
    forget: (id) => void records.delete(id),
    clear: () => records.clear(),
  };
}
