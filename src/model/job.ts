import { checkJobDefinition } from './check-job-definition.ts';
import type { Chunker } from './chunkers.ts';
import type { Duration } from './duration.ts';
import type { ErrorInfo } from './errors.ts';
import type { AnyIncrementalPolicy, IncrementalPolicy, IncrementalSlicesPolicy } from './incremental.ts';
import type { BatchState } from './moves.ts';
import type { Counts, FailureGroup } from './outcome.ts';
import type { RatePolicy } from './rate.ts';
import type { SeatPolicy } from './seats.ts';
import type { Awaitable, Stream, Work, WorkSource } from './work.ts';

declare const types: unique symbol;

/** Where a session's batches run. */
export type ExecutorName = 'inline' | 'threads' | 'processes';

/** How failed batches and items are tried again. */
export interface RetryPolicy {
  /** Attempts per batch, crashes included. At least 1. @default 3 */
  attempts?: number;
  backoff?: {
    /** Whether waits double or stay the same. @default 'exponential' */
    type?: 'exponential' | 'fixed';
    /** Wait before the second attempt. @default '1s' */
    base?: Duration;
    /** The longest wait. @default '1m' */
    max?: Duration;
    /** Spread each wait evenly over its upper half, so that retries do not come in step. @default true */
    jitter?: boolean;
  };
  /**
   * Decides on the recorded error whether trying again can help. Called on the host, once for each error that may be tried again;
   * when it throws, the error is permanent. @default permanent errors are not tried again
   */
  classify?: (error: ErrorInfo) => 'retry' | 'permanent';
}

/** When a batch is not run because another one, of any session and job in the store, has its task id. */
export interface TaskDedupePolicy {
  /** How long a batch holds its task from its enqueue on, by the store's clock: exactly that long after it the task is free. At least 1 ms. */
  window: Duration;
  /** In which states it does. @default as long as it has not ended */
  states?: readonly BatchState[];
  /**
   * Enqueues the whole source before any of it is run: what comes twice in one session is then a duplicate however fast the work is.
   * All of the session's items are held in memory until they run. @default false
   */
  ahead?: boolean;
}

/** What a job may fix for all its sessions, and a start for one. */
export interface Policies {
  /** How failed batches and items are tried again. */
  retry?: RetryPolicy;
  /** Wall clock per attempt of a batch, from its start in the worker. @default none */
  timeout?: Duration;
  /** Wall clock per item, for `each` work. @default none */
  itemTimeout?: Duration;
  /** The longest time without an ended item or a `progress` call. @default none */
  stall?: Duration;
  /**
   * What is done with a batch that crashes, takes too long, or (`chunk` work) still throws at its last attempt. `'isolate'`: it is taken
   * apart to find the items that do it, and done without them; `'fail'`: it is given up as a whole. @default 'isolate'
   */
  poison?: 'isolate' | 'fail';
  /**
   * Hosts that may die while a batch of work in place runs, until it is given up: it can be run nowhere else. Batches of work modules
   * go to a child process after the first, where they can take no host with them. A whole number from 1 to 1,000. @default 5
   */
  hostDeaths?: number;
  /** `'forbid'`: the session fails as soon as one item is given up. @default 'allow' */
  partial?: 'allow' | 'forbid';
  /** Where batches run. @default the engine's */
  executor?: ExecutorName;
  /** Batches at once for work in place (functions of the host), which must not change its items. A whole number from 1 to 10,000. @default 1 */
  concurrency?: number;
  /**
   * What a second start with a live session's key does: `'join'` gives a handle on the live one, and is refused as `INPUT_CHANGED`
   * when the inputs differ (by `fingerprint`); `'replace'` cancels the live one first; `'reject'` throws. @default 'join'
   */
  onDuplicate?: 'join' | 'replace' | 'reject';
  /**
   * How long an ended session is kept, with its outputs, attempts and dead letters: a time from its end on, `'end'` for no longer than
   * it takes to notice, or `'forever'`. Engines delete it then, at their start and once a minute. A replay begins the time anew; and
   * as long as ended batches hold their tasks (`dedupe`), the session is kept in any case. @default '7d'
   */
  keep?: Duration | 'forever' | 'end';
}

/** What was given up between two neighbouring outputs, before the first one, or behind the last. */
export interface Gap {
  /** How many items; of a slice that nobody could read, one. */
  readonly items: number;
}

/** What `finalize` gets. */
export interface FinalizeContext<Output, Input = unknown> {
  /** The session's input, as it was recorded. Each try gets its own. */
  readonly input: Input;
  /** All outputs combined in input order: a copy for each try, to be changed at will. Undefined when the job has no `combine` or nothing completed. */
  readonly combined: Output | undefined;
  /** What `each` or `chunk` returned, in input order, read from the store page by page. To be read only: typed arrays are the store's own bytes. */
  readonly outputs: AsyncIterable<Output>;
  /** Why things failed: grouped by message, the largest first, at most 20; `counts.items.failed` counts all. */
  readonly failures: readonly FailureGroup[];
  readonly counts: Counts;
  /** Sums of what the work counted. */
  readonly counters: Readonly<Record<string, number>>;
  /** The same for every try: what makes an effect idempotent. */
  readonly finalizeId: string;
  /** The result of the generation before, when this is a replay. */
  readonly previous?: { readonly finalizeId: string; readonly result: unknown };
  readonly signal: AbortSignal;
}

type SettingsOption<Input, Settings> = [Settings] extends [undefined]
  ? { settings?: undefined }
  : {
      /** All that workers see of the input: a value or a function of it. Stored at the start, so no secrets. */
      settings: Settings | ((input: NoInfer<Input>) => Awaitable<Settings>);
    };

interface JobBase<Input, Output, Result> extends Policies {
  /** The job's name in stores, logs and commands. */
  name: string;
  /** Bump it when outputs would differ: a session started under another version is not resumed. @default '1' */
  version?: string;
  /**
   * Joins the outputs of two neighbours. Pure and associative; called on the host. It must not change what it is given:
   * typed arrays in outputs are views on the bytes that the store keeps.
   * With it the job promises that any cut gives the same result: `checkJob` of `millrace/testing` tests the promise.
   */
  combine?: (left: NoInfer<Output>, right: NoInfer<Output>) => NoInfer<Output>;
  /**
   * What `combine` sees where items were given up, or not run as duplicates: one value for all that is missing between two outputs.
   * Pure. `chunk` work tells by itself what it left out of its chunk; it has a hole only where a whole chunk, or piece of one, is missing.
   * Needs `combine`. @default none: neighbours are joined as if what is missing had never been in the input
   */
  hole?: (gap: Gap) => NoInfer<Output>;
  /** Makes the result. Called at least once per `finalizeId`; what it returns is recorded once. @default returns `combined` */
  finalize?: (context: FinalizeContext<NoInfer<Output>, NoInfer<Input>>) => Awaitable<Result>;
  /**
   * Takes back what `finalize` has done, when the session ends without a result after it was called. Called at least once per
   * `finalizeId`; what it throws is logged.
   */
  undo?: (context: { readonly finalizeId: string }) => Awaitable<void>;
  /** The natural key of a session: one live session a key. @default the session's id */
  key?: (input: NoInfer<Input>) => string;
  /** How many sessions run at once by a key of their input: one for a user. @default as many as are started */
  seats?: SeatPolicy<NoInfer<Input>>;
  /**
   * What the input is, in a few words: compared before a resume, so that a changed input is never mixed with old outputs.
   * For files, say their size and time of change. @default a hash of the encoded input
   */
  fingerprint?: (input: NoInfer<Input>) => Awaitable<string>;
  /** Facts about the run for people: stored with the session, shown by commands. */
  metadata?: (input: NoInfer<Input>) => Readonly<Record<string, unknown>>;
}

/** A job whose source is read on the host, item by item. */
export interface ItemJob<Input, Item, Output, Result> extends JobBase<Input, Output, Result> {
  /** Reads the input. The same input gives the same items, in the same order. */
  source: (input: Input, context: { signal: AbortSignal }) => Stream<NoInfer<Item>>;
  /** Reads on behind an item, for a resume. Absent: the source is read again and what was cut is skipped. */
  sourceAfter?: (input: NoInfer<Input>, itemId: string, context: { signal: AbortSignal }) => Stream<NoInfer<Item>>;
  /** How items are cut into chunks. */
  chunk: Chunker<NoInfer<Item>>;
  /** The item's name in reports and dead letters, unique in the session. An item for which it throws or gives no text has the default. @default its position */
  itemId?: (item: NoInfer<Item>) => string;
  /** A batch's natural key; needs `byCount(1)`. @default `job:key#chunk` */
  taskId?: (item: NoInfer<Item>, input: NoInfer<Input>) => string;
  /** Duplicates of a task: recorded, counted (`counts.items.duplicate`), and not run. Needs `taskId`. @default every batch is run */
  dedupe?: TaskDedupePolicy;
  /** How many batches may start within a time, over all hosts. @default as many as there are workers for */
  rate?: RatePolicy<NoInfer<Item>, NoInfer<Input>>;
  /** Chunks of `byRange` whose contents did not change are not run again. @default every session runs all of its chunks */
  incremental?: IncrementalPolicy<NoInfer<Input>>;
  slices?: never;
}

/** A job whose chunks are described on the host and read in the workers. */
export interface SliceJob<Input, Slice, Output, Result> extends JobBase<Input, Output, Result> {
  /** Describes the chunks, in input order. Each description is stored with its batch. */
  slices: (input: Input, context: { signal: AbortSignal }) => Stream<NoInfer<Slice>>;
  /** How many batches may start within a time, over all hosts. @default as many as there are workers for */
  rate?: RatePolicy<NoInfer<Slice>, NoInfer<Input>>;
  source?: never;
  chunk?: never;
  /** Slices whose contents did not change are not run again. @default every session runs all of its slices */
  incremental?: IncrementalSlicesPolicy<NoInfer<Input>, NoInfer<Slice>>;
}

/** A defined job: `defineJob` hides everything but what comes in and what goes out. */
export interface Job<in Input, out Result, out Output> {
  readonly name: string;
  readonly definition: JobDefinition;
  readonly [types]?: { input: (input: Input) => void; result: Result; output: Output };
}

/** Any job, for lists of them. */
export type AnyJob = Job<never, unknown, unknown>;

/** A job whose types are not known any more: what the engine holds. */
export interface JobDefinition extends Policies {
  readonly name: string;
  readonly version: string;
  readonly work: WorkSource;
  readonly source?: (input: unknown, context: { signal: AbortSignal }) => Stream<unknown>;
  readonly sourceAfter?: (input: unknown, itemId: string, context: { signal: AbortSignal }) => Stream<unknown>;
  readonly chunk?: Chunker<unknown>;
  readonly slices?: (input: unknown, context: { signal: AbortSignal }) => Stream<unknown>;
  readonly itemId?: (item: unknown) => string;
  readonly taskId?: (item: unknown, input: unknown) => string;
  readonly dedupe?: TaskDedupePolicy;
  readonly incremental?: AnyIncrementalPolicy;
  readonly rate?: RatePolicy;
  readonly seats?: SeatPolicy;
  readonly settings?: unknown;
  readonly combine?: (left: unknown, right: unknown) => unknown;
  readonly hole?: (gap: Gap) => unknown;
  readonly finalize?: (context: FinalizeContext<unknown>) => unknown;
  readonly undo?: (context: { readonly finalizeId: string }) => unknown;
  readonly key?: (input: unknown) => string;
  readonly fingerprint?: (input: unknown) => Awaitable<string>;
  readonly metadata?: (input: unknown) => Readonly<Record<string, unknown>>;
}

/**
 * Defines a job: its work first, so that its types are known to the options.
 *
 * @example
 * ```ts
 * const lengths = defineJob(workModule<typeof work>(new URL('./lengths.work.ts', import.meta.url)), {
 *   name: 'lengths',
 *   source: (input: { lines: string[] }) => input.lines,
 *   chunk: byCount(500),
 *   combine: (left, right) => left + right,
 * });
 * ```
 * @throws InvalidOptionError naming the option that has an impossible value.
 */
export function defineJob<Item, Output, Settings, Slice, Input, Result = Output | undefined>(
  work: Work<Item, Output, Settings, Slice>,
  job: ([Slice] extends [never] ? unknown : { slices: unknown }) &
    (ItemJob<Input, Item, Output, Result> | SliceJob<Input, Slice, Output, Result>) &
    SettingsOption<NoInfer<Input>, NoInfer<Settings>>,
): Job<Input, Result, Output> {
  const definition = { version: '1', ...job, work: work.source } as unknown as JobDefinition;
  checkJobDefinition(definition);
  return { name: definition.name, definition };
}
