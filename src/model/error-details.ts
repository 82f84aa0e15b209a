import { cut } from './cut-text.ts';
import type { ErrorDetails } from './errors.ts';

const maxDetails = 20;
const maxText = 1024;
const maxName = 200;

/** What an error record has a place of its own for; and a name that would change what an object is. */
const elsewhere: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause', 'code', '__proto__']);

/**
 * The own enumerable properties of a thrown object that are plain values: the first 20, texts cut to 1 KiB.
 * Lists have none that say anything. Never throws: a getter that does is passed over.
 */
export function detailsOf(thrown: object, without: readonly string[]): ErrorDetails | undefined {
  const details: Record<string, ErrorDetails[string]> = {};
  let count = 0;
  for (const key of keysOf(thrown)) {
    if (count === maxDetails) break;
    if (elsewhere.has(key) || without.includes(key) || key.length > maxName) continue;
    const value = plainValue(thrown, key);
    if (value === undefined) continue;
    details[key] = value;
    count++;
  }
  return count === 0 ? undefined : details;
}

/** Whether a worker's word is what {@link detailsOf} gives. */
export function areDetails(value: unknown): value is ErrorDetails {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= maxDetails &&
    entries.every(([key, one]) => !elsewhere.has(key) && key.length <= maxName && isPlain(one) && fits(one))
  );
}

function keysOf(thrown: object): readonly string[] {
  try {
    return Array.isArray(thrown) || ArrayBuffer.isView(thrown) ? [] : Object.keys(thrown);
  } catch {
    // A proxy that does not say what it has: its name and message may still be read.
    return [];
  }
}

function plainValue(thrown: object, key: string): ErrorDetails[string] | undefined {
  try {
    const value = (thrown as Readonly<Record<string, unknown>>)[key];
    if (typeof value === 'string') return cut(value, maxText);
    return isPlain(value) ? value : undefined;
  } catch {
    // A getter that throws has nothing to tell: the other properties may.
    return undefined;
  }
}

/** NaN and the infinities are no JSON: a store would make null of them. */
function isPlain(value: unknown): value is ErrorDetails[string] {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

function fits(value: ErrorDetails[string]): boolean {
  return typeof value !== 'string' || value.length <= maxText;
}
