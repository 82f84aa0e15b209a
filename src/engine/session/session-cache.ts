import { LRUCache } from 'lru-cache';
import type { SessionId } from '../../model/ids.ts';
import { isEndedSession } from '../../model/moves.ts';
import type { SessionRecord } from '../../model/records.ts';

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

/** Holds the 1,000 latest for a day. Its room is taken when the first one comes: most engines look at none. */
export function createSessionCache(): SessionCache {
  let records: LRUCache<SessionId, SessionRecord> | undefined;
  return {
    get: (id) => records?.get(id),
    keep(record) {
      if (!isEndedSession(record.state)) return record;
      records ??= new LRUCache({ max: 1_000, ttl: dayMs });
      records.set(record.id, record);
      return record;
    },
    forget: (id) => void records?.delete(id),
    clear: () => records?.clear(),
  };
}
