import { encode, joinEncoded, type Payload } from '../../model/codec.ts';
import { errorInfo } from '../../model/error-info.ts';
import type { ItemFailure, Task } from '../../model/executor.ts';
import { isInstance } from '../../model/is-instance.ts';
import { type Counters, openScope } from './context.ts';
import { LimitPassedError } from './limits.ts';
import type { Ended } from './run-task.ts';
import type { Site } from './site.ts';
import { isThenable } from './thenable.ts';

/** Takes the items of one batch, one after another. What one item throws fails that item alone. */
export interface EachRun {
  /** Runs one item. Undefined when it ended at once. Rejects only with what ends the whole batch. */
  take(item: unknown, place: number): Promise<void> | undefined;
  /** What came out, of a batch of so many items. */
  end(items: number): Ended;
}

/** Starts `each` work on one batch. */
export function startEach(site: Site, task: Task): EachRun {
  const outputs: Payload[] = [];
  const places: number[] = [];
  const failures: ItemFailure[] = [];
  const counters: Counters = new Map();
  let scope = openScope(site, task);

  const keep = (place: number, value: unknown): void => {
    if (value !== undefined) {
      // Refused here, in the worker, it fails this item alone.
      outputs.push(encode(value));
      places.push(place);
    }
    scope.keepCounts(counters);
  };

  const refuse = (place: number, thrown: unknown): void => {
    scope.dropCounts();
    if (isInstance(thrown, LimitPassedError)) {
      scope.abandon(thrown);
      if (thrown.passed.scope === 'batch') throw thrown;
      scope = openScope(site, task);
      failures.push({ place, error: errorInfo(thrown, thrown.passed.category) });
      return;
    }
    failures.push({ place, error: errorInfo(thrown) });
  };

  const settle = async (place: number, promise: PromiseLike<unknown>): Promise<void> => {
    try {
      keep(place, await site.wait(promise));
    } catch (thrown) {
      refuse(place, thrown);
    } finally {
      site.note.endItem();
    }
  };

  return {
    take(item, place) {
      site.note.startItem(place);
      try {
        const result = site.work.each?.(item, scope.context);
        if (isThenable(result)) return settle(place, result);
        keep(place, result);
      } catch (thrown) {
        refuse(place, thrown);
      }
      site.note.endItem();
      return undefined;
    },
    end: (items) => ({
      items,
      output: outputs.length > 0 ? joinEncoded(outputs) : null,
      ...(outputs.length > 0 && places.length < items && { places }),
      failures,
      counters,
    }),
  };
}
