import type { BatchWrite } from '../../../src/model/store.ts';
import { type PlantBug, rewritingWrites } from './plant-bug.ts';

type Cache = NonNullable<BatchWrite['cache']>;

/** What stores may get wrong with outputs that outlive their sessions. */
export const plantedCacheBugs: Readonly<Record<string, PlantBug>> = {
  'finds cached outputs by their range, whatever is in it': (good) => {
    const keys = new Map<string, string>();
    const note = (cache: Cache | undefined): void => {
      if (cache) keys.set(cache.series + cache.range, cache.key);
    };
    return {
      commit(commit) {
        for (const { writes } of commit.sessions) for (const { cache } of writes ?? []) note(cache);
        return good.commit(commit);
      },
      findCached: ({ job, series, parts }) =>
        good.findCached({
          job,
          series,
          parts: parts.map(({ range, key }) => ({ range, key: keys.get(series + range) ?? key })),
        }),
    };
  },
  'caches what was not completed': (good) =>
    rewritingWrites(good, async (_, write) => (write.cache && write.from === 'running' ? { ...write, to: 'completed' } : write)),
  'counts nothing that the cache completed': (good) =>
    rewritingWrites(good, async (_, { cache, ...write }) => (cache && !cache.hit ? { ...write, cache } : write)),
  'deletes cached outputs with the sessions that left them': (good) => ({
    async prune(filter) {
      await good.pruneCache({ limit: 1_000 });
      return good.prune(filter);
    },
  }),
  'deletes cached outputs of every job and series': (good) => ({
    pruneCache: ({ limit, usedBefore }) => good.pruneCache({ limit, ...(usedBefore !== undefined && { usedBefore }) }),
  }),
  'does not note that a cached output was used': (good) =>
    rewritingWrites(good, async (_, write) => (write.cache?.hit ? { ...write, cache: { ...write.cache, key: '?' } } : write)),
};
