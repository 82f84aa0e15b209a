/**
 * How many sessions of a key run at once, over all hosts of a store. The others are recorded and wait as `pending`, the highest priority
 * first, then the oldest; paused ones let others pass. A session has its seat until it has ended: a dead host's session keeps it, as it
 * keeps its natural key, until it was resumed and has ended.
 */
export interface SeatPolicy<Input = unknown> {
  /** What sessions are counted by: a user, a tenant, a folder. One text for all inputs bounds the sessions of the job. */
  key: (input: Input) => string;
  /** Sessions of a key at once. A whole number from 1 to 1,000. @default 1 */
  limit?: number;
  /** Jobs that name the same group share their seats. @default the job's name */
  group?: string;
}

/** What a session sits on, as it was recorded. */
export interface Seat {
  /** Group and key: sessions with the same one are counted together. */
  readonly key: string;
  /** How many may run at once for this session to start. */
  readonly limit: number;
}
