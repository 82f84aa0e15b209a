import { errorInfo } from '../../model/error-info.ts';
import type { ItemFailure, Task } from '../../model/executor.ts';

/** Failures in the order of their places, as an answer has them. */
export function byPlace(failures: Iterable<ItemFailure>): ItemFailure[] {
  return [...failures].sort((left, right) => left.place - right.place);
}

/** A task without the items that can't be cloned, and a failure for each of them that was to run. */
export interface Clonable {
  readonly task: Task;
  readonly refused: readonly ItemFailure[];
}

/**
 * Finds the items of a task that can't be cloned (functions, symbols, proxies): they fail, alone, and the others run. A message is
 * cloned as a whole, so one of them would otherwise take all others along.
 *
 * @param clone - What would send the items, and throws for what it can't send.
 */
export function withoutUnclonable(task: Task, clone: (value: unknown) => unknown): Clonable {
  const { input } = task;
  if (input.type === 'slice') return { task, refused: [] };
  const unclonable = new Map<number, unknown>();
  const holds = (item: unknown): boolean => refusal(item, clone) !== undefined;
  for (const [place, item] of input.items.entries()) {
    const why = refusal(item, clone);
    if (why !== undefined) unclonable.set(place, why.thrown);
  }
  const wanted = task.only ?? [...input.items.keys()];
  const items = input.items.map((item, place) => (unclonable.has(place) ? undefined : item));
  // In a neighbour's core it is refused there; work that looks around sees what is left.
  const [before, after] = [input.before, input.after].map((side) => side.filter((item) => !holds(item)));
  return {
    task: {
      ...task,
      input: { type: 'items', items, before: before ?? [], after: after ?? [] },
      only: wanted.filter((place) => !unclonable.has(place)),
    },
    refused: wanted.flatMap((place) =>
      unclonable.has(place) ? [{ place, error: errorInfo(unclonable.get(place), 'unserializable') }] : [],
    ),
  };
}

function refusal(item: unknown, clone: (value: unknown) => unknown): { readonly thrown: unknown } | undefined {
  try {
    clone(item);
    return undefined;
  } catch (thrown) {
    return { thrown: thrown ?? new Error('The item cannot be cloned.') };
  }
}
