import type { CachedOutput, CacheFilter, CachePruneFilter, CacheStore, CacheWrite } from '../../../model/cache.ts';
import type { Payload } from '../../../model/codec.ts';
import type { BatchWrite } from '../../../model/store.ts';
import type { SqliteFile } from './file.ts';
import { toFileText } from './file-text.ts';
import type { Commitment } from './write-batch.ts';

/** What an SQLite store does with cached outputs. */
export function cacheMethods(file: SqliteFile): CacheStore {
  return {
    findCached: async (filter) => file.read(() => findCached(file, filter)),
    pruneCache: async (filter) => pruneCache(file, filter),
  };
}

export const findCachedSql = 'select facts, data from cached_outputs where job = ? and series = ? and range = ? and key = ?';

function findCached(file: SqliteFile, { job, series, parts }: CacheFilter): readonly (CachedOutput | null)[] {
  return parts.map(({ range, key }) => {
    const row = file.get<{ facts: Payload; data: Payload | null }>(
      findCachedSql,
      job,
      toFileText(series),
      toFileText(range),
      toFileText(key),
    );
    return row ? { facts: row.facts, output: row.data } : null;
  });
}

export const pruneCacheSql = `delete from cached_outputs where no in (
  select no from cached_outputs indexed by cached_outputs_used
  where used_at < ?1 and (?2 is null or job = ?2) and (?3 is null or series = ?3) order by used_at, no limit ?4
)`;

function pruneCache(file: SqliteFile, { job, series, usedBefore, limit }: CachePruneFilter): number {
  const before = usedBefore ?? Number.MAX_SAFE_INTEGER;
  return file.write('group', () =>
    file.run(pruneCacheSql, before, job ?? null, series === undefined ? null : toFileText(series), limit),
  );
}

export const keepOutputSql = `insert into cached_outputs (job, series, range, key, used_at, facts, data)
select job, ?2, ?3, ?4, ?5, ?6, ?7 from sessions where no = ?1
on conflict (job, series, range) do update
set key = excluded.key, used_at = excluded.used_at, facts = excluded.facts, data = excluded.data`;

export const noteUseSql = `update cached_outputs set used_at = ?5
where job = (select job from sessions where no = ?1) and series = ?2 and range = ?3 and key = ?4`;

/** Does what a write that was carried out says about the cache. */
export function writeCache(commitment: Commitment, { from, to, number, output }: BatchWrite, name: CacheWrite): void {
  if (from !== 'running' || to !== 'completed') return;
  const { file, session, now, tally } = commitment;
  const [series, range, key] = [name.series, name.range, name.key].map(toFileText) as [string, string, string];
  if (name.hit) {
    file.run(noteUseSql, session, series, range, key, now);
    file.run('update batches set cached = 1 where session = ? and number = ?', session, number);
    file.run('update sessions set cached = cached + 1 where no = ?', session);
    tally.cached++;
  } else {
    file.run(keepOutputSql, session, series, range, key, now, name.facts, output?.data ?? null);
  }
}

/** A completed batch is opened again: it is not done by the cache any more. */
export function forgetHit({ file, session, tally }: Commitment, number: number): void {
  if (file.run('update batches set cached = 0 where session = ? and number = ? and cached = 1', session, number) === 0) return;
  file.run('update sessions set cached = cached - 1 where no = ?', session);
  tally.cached--;
}
