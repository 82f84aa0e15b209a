import { checkReplies } from '../../src/adapters/executors/check-replies.ts';
import { packReplies } from '../../src/adapters/worker/wire.ts';
import type { Reply, Task } from '../../src/model/executor.ts';
import type { Chance } from './chance.ts';

/** What a worker may say that cannot be so: each makes one column of its message senseless. */
const garbage: readonly ((columns: Record<string, unknown>) => void)[] = [
  (columns) => {
    columns.numbers = [-1];
  },
  (columns) => {
    columns.items = [1.5];
  },
  (columns) => {
    columns.outputs = [{ not: 'encoded' }];
  },
  (columns) => {
    columns.ms = [Number.NaN];
  },
  (columns) => {
    columns.places = [[0, [3, 1]]];
  },
  (columns) => {
    columns.failures = [[0, 'all of them']];
  },
  (columns) => {
    columns.errors = [[0, { name: 1 }]];
  },
  (columns) => {
    columns.counters = [[0, { done: 0.5 }]];
  },
  (columns) => {
    delete columns.numbers;
  },
];

/**
 * What the host hears of a reply that a worker made a mess of: read by the very code that reads the messages of real workers.
 * A number that nobody asked for comes along, harmless; or, where the batch can bear it, the reply itself is beyond repair.
 */
export function garble(chance: Chance, reply: Reply, open: ReadonlyMap<unknown, Task>, mayLose: () => boolean): readonly Reply[] {
  if (!chance.happens(0.5) || !mayLose()) return [{ ...reply, number: 999_999 }, reply];
  const packed = { ...packReplies([reply]).packed } as Record<string, unknown>;
  chance.pick(garbage)(packed);
  return checkReplies(packed, open);
}
