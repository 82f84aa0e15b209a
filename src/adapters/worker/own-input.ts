import { errorInfo } from '../../model/error-info.ts';
import type { ErrorInfo } from '../../model/errors.ts';
import type { TaskInput } from '../../model/executor.ts';

/** Items that can't be cloned: functions, symbols, proxies. */
export class UnclonableItemsError extends Error {
  override readonly name = 'UnclonableItemsError';
  readonly info: ErrorInfo;

  constructor(cause: unknown) {
    super('The items cannot be cloned.', { cause });
    this.info = errorInfo(cause ?? this, 'unserializable');
  }
}

/**
 * A batch's items as objects of its own: what its work changes is seen by no other batch of the group and by no later attempt.
 * An item that lies in two batches (overlap, or a source that repeats itself) would otherwise be one object wherever the two
 * travel in one message. Within a batch, what was one object stays one.
 *
 * @throws UnclonableItemsError
 */
export function ownInput(input: TaskInput): TaskInput {
  if (input.type === 'slice') return input;
  const { items, before, after } = input;
  if (!holdsObjects(items) && !holdsObjects(before) && !holdsObjects(after)) return input;
  try {
    // The list alone takes half the time of the whole, and most chunks have no neighbours.
    return before.length + after.length === 0 ? { ...input, items: structuredClone(items) } : structuredClone(input);
  } catch (thrown) {
    throw new UnclonableItemsError(thrown);
  }
}

function holdsObjects(items: readonly unknown[]): boolean {
  for (const item of items) {
    if (item !== null && !immutable.has(typeof item)) return true;
  }
  return false;
}

const immutable: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'bigint', 'undefined']);
