import type { Duration } from './duration.ts';
import type { Timestamp } from './ids.ts';

/**
 * How many batches of a job may start within a time, over all sessions and hosts of a store. In no window of the length `per`, wherever
 * it begins, are more than `limit` batches claimed. Each claim counts: retries, and runs of a search for an item that kills, too.
 *
 * The first `limit` may start at once. For even steps take a short time: `{ limit: 1, per: '600ms' }`. What may not start is not cut
 * either, but for one group ahead: so a rate also bounds what is enqueued.
 */
export interface RatePolicy<Item = unknown, Input = unknown> {
  /** Batches within `per`. A whole number from 1 to 1,000,000. */
  limit: number;
  /** The length of the window. From 1 ms to 30 days. */
  per: Duration;
  /**
   * Gives each key a rate of its own: a tenant, or the server that is asked. Called with the batch's first item (or slice): see to it,
   * with `byCount(1)` or `byWeight({ apart })`, that a batch has one key. When it throws, or gives no text, the session fails.
   * @default one rate for the job
   */
  key?: (item: Item, input: Input) => string;
}

/** The rate that a claim by number keeps to. */
export interface ClaimRate {
  readonly limit: number;
  readonly perMs: number;
  /** Token by token: the name under which it counts. Claims of one name share one rate, whoever makes them. */
  readonly buckets: readonly string[];
}

/** A rate that let something wait. */
export interface HeldRate {
  readonly bucket: string;
  /** When the next claim under this name can be done, by the store's clock. */
  readonly until: Timestamp;
}
