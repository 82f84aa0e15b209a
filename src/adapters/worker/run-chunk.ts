import { encode } from '../../model/codec.ts';
import type { ItemFailure, Task } from '../../model/executor.ts';
import type { Chunk } from '../../model/work.ts';
import { type Counters, chunkContext, openScope } from './context.ts';
import type { Ended } from './run-task.ts';
import type { Site } from './site.ts';
import { isThenable } from './thenable.ts';
import { byPlace } from './without-unclonable.ts';

/** A chunk before it is known which of its items are to run. */
export interface LoadedChunk extends Omit<Chunk<unknown, unknown>, 'index'> {
  /** How many items the batch holds. */
  readonly count: number;
}

/** Runs `chunk` work on a whole batch. What it throws fails the batch, and nothing of it counts. */
export async function runChunk(site: Site, task: Task, loaded: LoadedChunk): Promise<Ended> {
  const { count, overlap, slice } = loaded;
  const places = task.only ?? [...loaded.items.keys()];
  const items = task.only ? places.map((place) => loaded.items[place]) : loaded.items;
  const failures = new Map<number, ItemFailure>();
  const counters: Counters = new Map();
  const scope = openScope(site, task);
  try {
    const context = chunkContext(scope, site, places, failures);
    const result = site.work.chunk?.({ items, overlap, slice, index: task.number }, context);
    const value = isThenable(result) ? await site.wait(result) : result;
    const output = value === undefined ? null : encode(value);
    scope.keepCounts(counters);
    return { items: count, output, failures: byPlace(failures.values()), counters };
  } catch (thrown) {
    scope.abandon(thrown);
    throw thrown;
  }
}
