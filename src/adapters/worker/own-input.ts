import type { ItemFailure, Task } from '../../model/executor.ts';
import { type Clonable, withoutUnclonable } from './without-unclonable.ts';

const none: readonly ItemFailure[] = [];

/**
 * A task with items as objects of its own: what its work changes is seen by no other batch of the group and by no later attempt.
 * An item that lies in two batches (overlap, or a source that repeats itself) would otherwise be one object wherever the two
 * travel in one message. Within a batch, what was one object stays one. Items that can't be cloned are refused, alone.
 */
export function ownInput(task: Task): Clonable {
  const { input } = task;
  if (input.type === 'slice') return { task, refused: none };
  const { items, before, after } = input;
  if (!holdsObjects(items) && !holdsObjects(before) && !holdsObjects(after)) return { task, refused: none };
  try {
    // The list alone takes half the time of the whole, and most chunks have no neighbours.
    const own = before.length + after.length === 0 ? { ...input, items: structuredClone(items) } : structuredClone(input);
    return { task: { ...task, input: own }, refused: none };
  } catch {
    const left = withoutUnclonable(task, structuredClone);
    return { ...left, task: { ...left.task, input: structuredClone(left.task.input) } };
  }
}

function holdsObjects(items: readonly unknown[]): boolean {
  for (const item of items) {
    if (item !== null && !immutable.has(typeof item)) return true;
  }
  return false;
}

const immutable: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'bigint', 'undefined']);
