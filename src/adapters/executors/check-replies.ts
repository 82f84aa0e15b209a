import { areDetails } from '../../model/error-details.ts';
import { errorLimits } from '../../model/error-info.ts';
import type { ErrorInfo } from '../../model/errors.ts';
import type { ItemFailure, Reply, Task } from '../../model/executor.ts';
import type { PackedReplies } from '../worker/wire.ts';

/** What a worker can say of its own: the other categories are found out by the host. */
const workerCategories: ReadonlySet<unknown> = new Set<ErrorInfo['category']>(['error', 'permanent', 'unserializable', 'module']);

/**
 * Reads packed replies from a worker. Code in a worker may have tampered with anything in it, so nothing is believed
 * that could not be so: unknown numbers, places outside the batch, counters that are not whole.
 *
 * @param open - The tasks that wait for an answer, by number.
 * @returns the sound ones.
 */
export function checkReplies(packed: unknown, open: ReadonlyMap<unknown, Task>): readonly Reply[] {
  const replies: Reply[] = [];
  if (!isPacked(packed, open.size)) return replies;
  const hashes = new Map(packed.hashes);
  const places = new Map(packed.places);
  const failures = new Map(packed.failures);
  const errors = new Map(packed.errors);
  const counters = new Map(packed.counters);
  for (let index = 0; index < packed.numbers.length; index++) {
    const number = packed.numbers[index] as number;
    const task = open.get(number);
    if (!task) continue;
    const reply: { -readonly [Field in keyof Reply]: Reply[Field] } = {
      number,
      items: packed.items[index] as number,
      output: packed.outputs[index] as Reply['output'],
      failures: failures.get(index) ?? noFailures,
      ms: packed.ms[index] as number,
    };
    const hash = hashes.get(index);
    const placesHere = places.get(index);
    const error = errors.get(index);
    const counted = counters.get(index);
    if (hash !== undefined) reply.hash = hash;
    if (placesHere !== undefined) reply.places = placesHere;
    if (error !== undefined) reply.error = error;
    if (counted !== undefined) reply.counters = counted;
    if (isSound(reply, task)) replies.push(reply);
  }
  return replies;
}

const noFailures: readonly ItemFailure[] = [];

function isPacked(packed: unknown, most: number): packed is PackedReplies {
  if (!isRecord(packed)) return false;
  const { numbers, items, outputs, ms, hashes, places, failures, errors, counters } = packed as {
    [Column in keyof PackedReplies]?: unknown;
  };
  const columns = [numbers, items, outputs, ms].every((column) => Array.isArray(column) && column.length <= most);
  return columns && [hashes, places, failures, errors, counters].every((column) => isList(column, isPair));
}

/** An array of a few bytes may claim any length: the first hole in it ends the look. `every` would pass over holes. */
function isList(value: unknown, test: (entry: unknown, index: number) => boolean): value is readonly unknown[] {
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!test(value[index], index)) return false;
  }
  return true;
}

function isPair(pair: unknown): boolean {
  return Array.isArray(pair) && pair.length === 2;
}

function isSound(reply: Reply, task: Task): boolean {
  const { items, hash, output, ms, places, failures, error, counters } = reply;
  return (
    isCount(items) &&
    (task.input.type === 'slice' || items === task.input.items.length) &&
    (hash === undefined || isHash(hash)) &&
    (output === null || typeof output === 'string' || output instanceof Uint8Array) &&
    typeof ms === 'number' &&
    Number.isFinite(ms) &&
    (places === undefined || areAscending(places, items)) &&
    areFailures(failures, items) &&
    (error === undefined || isErrorInfo(error)) &&
    (counters === undefined || (isRecord(counters) && Object.values(counters).every(Number.isSafeInteger)))
  );
}

/** What `hashOf` gives. */
function isHash(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-v]{12}$/.test(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function areAscending(places: unknown, items: number): boolean {
  let last = -1;
  return isList(places, (place) => {
    const isNext = isCount(place) && place < items && place > last;
    if (isNext) last = place;
    return isNext;
  });
}

function areFailures(failures: unknown, items: number): boolean {
  return (
    isList(failures, (failure) => isRecord(failure) && isErrorInfo(failure.error)) &&
    areAscending(
      failures.map((failure) => (failure as ItemFailure).place),
      items,
    )
  );
}

/** Whether a worker's error has the shape that stores and reports rely on, and is no larger than `errorInfo` makes it. */
export function isErrorInfo(value: unknown): value is ErrorInfo {
  return isErrorWithin(value, 0);
}

function isErrorWithin(value: unknown, depth: number): boolean {
  if (!isRecord(value) || depth > errorLimits.causes) return false;
  const { name, message, category, stack, code, cause, details, retryAfterMs } = value;
  const isText = (text: unknown, max: number): boolean => typeof text === 'string' && text.length <= max;
  return (
    isText(name, errorLimits.name) &&
    isText(message, errorLimits.message) &&
    (stack === undefined || isText(stack, errorLimits.stack)) &&
    (code === undefined || isText(code, errorLimits.name)) &&
    workerCategories.has(category) &&
    (details === undefined || areDetails(details)) &&
    (retryAfterMs === undefined || (Number.isFinite(retryAfterMs) && (retryAfterMs as number) >= 0)) &&
    (cause === undefined || isErrorWithin(cause, depth + 1))
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
