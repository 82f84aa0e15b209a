import type { CachedOutput, CacheName, CacheStore, CacheWrite } from '../../../model/cache.ts';
import type { Timestamp } from '../../../model/ids.ts';
import type { BatchWrite } from '../../../model/store.ts';
import { type BatchRow, rareOf } from './batch-row.ts';
import type { SessionEntry } from './session-entry.ts';
import type { MemoryState } from './state.ts';

/** A cached output, with what it is found by. */
export interface CacheEntry extends CachedOutput {
  readonly job: string;
  readonly series: string;
  readonly range: string;
  readonly key: string;
  usedAt: Timestamp;
}

/** What a memory store does with cached outputs. */
export function cacheMethods(state: MemoryState): CacheStore {
  const { cache } = state;
  return {
    async findCached({ job, series, parts }) {
      state.look();
      return parts.map(({ range, key }) => {
        const entry = cache.get(placeOf(job, { series, range }));
        return entry?.key === key ? { facts: entry.facts, output: entry.output } : null;
      });
    },
    async pruneCache({ job, series, usedBefore, limit }) {
      state.begin();
      const due = [...cache].filter(
        ([, entry]) =>
          (job === undefined || entry.job === job) &&
          (series === undefined || entry.series === series) &&
          (usedBefore === undefined || entry.usedAt < usedBefore),
      );
      const pruned = due.sort(([, left], [, right]) => left.usedAt - right.usedAt).slice(0, limit);
      for (const [place] of pruned) cache.delete(place);
      state.wrote(pruned.length);
      return pruned.length;
    },
  };
}

/** Does what a write that was carried out says about the cache. */
export function writeCache(state: MemoryState, entry: SessionEntry, write: BatchWrite, name: CacheWrite, now: Timestamp): void {
  if (write.from !== 'running' || write.to !== 'completed') return;
  const { job } = entry.given;
  const place = placeOf(job, name);
  if (name.hit) {
    rareOf(entry.rows[write.number] as BatchRow).cached = true;
    entry.tally.cached++;
    const found = state.cache.get(place);
    if (found?.key === name.key) found.usedAt = now;
  } else {
    const { series, range, key, facts } = name;
    state.cache.set(place, { job, series, range, key, facts, output: write.output?.data ?? null, usedAt: now });
  }
  state.wrote(1);
}

/** A completed batch is opened again: it is not done by the cache any more. */
export function forgetHit(entry: SessionEntry, row: BatchRow): void {
  if (!row.rare?.cached) return;
  row.rare.cached = false;
  entry.tally.cached--;
}

function placeOf(job: string, { series, range }: Pick<CacheName, 'series' | 'range'>): string {
  return JSON.stringify([job, series, range]);
}
