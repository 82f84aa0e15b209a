import { LRUCache } from 'lru-cache';
import { MillraceError } from '../../model/errors.ts';
import type { WarmCache } from './warm-cache.ts';

/** Options of {@link memoryCache}. */
export interface MemoryCacheOptions {
  /** Characters of all keys and values together; beyond that the longest unused make room. @default 268,435,456 */
  maxChars?: number;
}

/** A cache in this process: for its own requests, and for tests. It is filled when a run has loaded everything. */
export function memoryCache({ maxChars = 256 * 1024 * 1024 }: MemoryCacheOptions = {}): WarmCache {
  const entries = new LRUCache<string, string>({ maxSize: maxChars, sizeCalculation: (value, key) => key.length + value.length });
  const put = (key: string, value: string, ttlMs: number): void => {
    entries.set(key, value, { ttl: ttlMs });
    // It takes in silence what is larger than all it may hold.
    if (!entries.has(key))
      throw new MillraceError('CACHE_FAILED', `${key} is larger than the whole cache (maxChars: ${maxChars}).`);
  };
  return {
    get: async (key) => entries.get(key),
    set: async (key, value, ttlMs) => put(key, value, ttlMs),
    async swap(moves) {
      for (const { from, to, ttlMs } of moves) {
        const value = entries.get(from);
        if (value === undefined) continue;
        put(to, value, ttlMs);
        entries.delete(from);
      }
    },
    async deletePrefix(prefix, except) {
      const found = [...entries.keys()].filter((key) => key.startsWith(prefix) && !except?.has(key));
      for (const key of found) entries.delete(key);
      return found.length;
    },
    close: async () => entries.clear(),
  };
}
