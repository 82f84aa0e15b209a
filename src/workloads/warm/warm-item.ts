import type { Stream } from '../../model/work.ts';

/** A key as its group lists it: a text, a number, or with a label for people. */
export type WarmKey = string | number | { readonly key: string | number; readonly label?: string | undefined };

/** Keys, and the loaders that each of them has a value from. */
export interface WarmGroup {
  /** Without a colon. */
  readonly name: string;
  readonly keys: Stream<WarmKey> | (() => Stream<WarmKey>);
  /** Names of loaders, without a colon. At least one. */
  readonly loaders: readonly string[];
}

/** A group whose keys are known: each once, in order. */
export interface ListedGroup {
  readonly name: string;
  readonly loaders: readonly string[];
  readonly keys: readonly { readonly key: string | number; readonly label: string }[];
  /** Keys in a chunk, with all their loaders. */
  readonly keysPerChunk: number;
}

/** One value to load: an item of the engine. */
export interface WarmItem {
  readonly group: string;
  readonly key: string | number;
  readonly label: string;
  readonly loader: string;
  /** `prefix:group:key:loader`. */
  readonly cacheKey: string;
  /** Items that its chunk may have. */
  readonly atOnce: number;
}

/** What came of one item. */
export interface LoadedItem {
  readonly cacheKey: string;
  /** Elements of the list that was loaded; 1 for anything else. */
  readonly rows: number;
  /** Of the value as UTF-8. */
  readonly bytes: number;
  readonly sha1: string;
  readonly ms: number;
  /** When its loading began, in epoch milliseconds. */
  readonly at: number;
  /** The JSON text, for a cache that only the host has. */
  readonly value?: string;
}

/** All items of the groups, in order: group by group, key by key. */
export function* itemsOf(prefix: string, groups: readonly ListedGroup[]): Generator<WarmItem> {
  for (const { name: group, loaders, keys, keysPerChunk } of groups) {
    const atOnce = keysPerChunk * loaders.length;
    for (const { key, label } of keys) {
      for (const loader of loaders) {
        yield { group, key, label, loader, cacheKey: `${prefix}:${group}:${key}:${loader}`, atOnce };
      }
    }
  }
}
