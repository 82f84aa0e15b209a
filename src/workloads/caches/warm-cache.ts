/**
 * What values are kept in. Values are JSON texts. Every write is idempotent: the same call may come again when nobody knows whether
 * its first try was done.
 */
export interface WarmCache {
  /** Undefined: not there, or its time has run out. */
  get(key: string): Promise<string | undefined>;
  /** Writes a value, in place of the one before, for so many milliseconds. */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** Gives values their places. A reader finds the old value or the new one, and never neither. Those that have moved already are passed over. */
  swap(moves: Iterable<Move>): Promise<void>;
  /** Deletes what begins with the prefix, but for the keys in `except`. Answers how many. */
  deletePrefix(prefix: string, except?: ReadonlySet<string>): Promise<number>;
  close(): Promise<void>;
}

/** A value that was set under another key, and the one that is to be its own from now on. */
export interface Move {
  readonly from: string;
  readonly to: string;
  readonly ttlMs: number;
}

/** Values that are moved together. */
export const movesAtOnce = 1_000;

/** Parts a list of any length for calls of a limited size. */
export function* inParts<T>(all: Iterable<T>, size: number): Generator<T[]> {
  let part: T[] = [];
  for (const one of all) {
    part.push(one);
    if (part.length < size) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

/**
 * How long the value of a key is kept: up to a tenth less than was asked for, so that what was written together does not end together;
 * and never longer. The same for the same key.
 */
export function lifetimeOf(key: string, ttlMs: number): number {
  let hash = 0;
  for (let place = 0; place < key.length; place++) hash = (hash * 31 + key.charCodeAt(place)) % 1_000;
  return Math.max(1, Math.round(ttlMs * (1 - hash / 10_000)));
}
