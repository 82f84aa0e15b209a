import type { Payload } from './codec.ts';
import type { Timestamp } from './ids.ts';

/** Names what a batch gives: an entry is found by all three, and the newest of a range takes the place of the one before. */
export interface CacheName {
  /** Whose range it is: the natural key that the job gave. */
  readonly series: string;
  /** The range in words, the same from session to session. */
  readonly range: string;
  /** Hash of everything else that the output depends on: version, settings, chunking, contents. */
  readonly key: string;
}

/**
 * What the write that completes a batch does with the cache. `hit`: the output was found there; it counts in `counts.batches.cached`,
 * and the entry as used now, if it is still there. Else the write's output is put there, in place of what its range had,
 * with the `facts` that are needed to give it again.
 */
export type CacheWrite = CacheName & ({ readonly hit: true } | { readonly hit: false; readonly facts: Payload });

/** Asks for outputs of a job and series, range by range. */
export interface CacheFilter {
  readonly job: string;
  readonly series: string;
  readonly parts: readonly Pick<CacheName, 'range' | 'key'>[];
}

/** An output as it was written. */
export interface CachedOutput {
  readonly facts: Payload;
  /** Null: the batch completed without an output. */
  readonly output: Payload | null;
}

/** Which cached outputs are deleted, at most `limit`. What is absent lets all through. */
export interface CachePruneFilter {
  readonly job?: string;
  readonly series?: string;
  /** Only those that were last written or used before this moment. */
  readonly usedBefore?: Timestamp;
  readonly limit: number;
}

/** What a store does with outputs that outlive their sessions. Of a range it keeps the newest, until somebody deletes it. */
export interface CacheStore {
  /** Looks outputs up that earlier sessions left (`BatchWrite.cache`), in the order of the parts: null for what is not there under that very key. */
  findCached(filter: CacheFilter): Promise<readonly (CachedOutput | null)[]>;
  /** Deletes cached outputs, those not used for longest first. Answers how many. */
  pruneCache(filter: CachePruneFilter): Promise<number>;
}
