import { durationMs } from '../../model/duration.ts';
import type { Store } from '../../model/store.ts';
import type { CacheQuery } from '../api/api.ts';

const page = 100;

/** Deletes cached outputs, in steps that never hold the store for long. Answers how many. */
export async function pruneCache(store: Store, { job, series, unusedFor }: CacheQuery): Promise<number> {
  const usedBefore = unusedFor === undefined ? undefined : (await store.now()) - durationMs(unusedFor, 'unusedFor');
  const name = typeof job === 'string' ? job : job?.name;
  let pruned = 0;
  for (;;) {
    const some = await store.pruneCache({
      ...(name !== undefined && { job: name }),
      ...(series !== undefined && { series }),
      ...(usedBefore !== undefined && { usedBefore }),
      limit: page,
    });
    pruned += some;
    if (some < page) return pruned;
  }
}
