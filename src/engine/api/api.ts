import type { Duration } from '../../model/duration.ts';
import type { MillraceError } from '../../model/errors.ts';
import type { AnyJob, Job } from '../../model/job.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Store } from '../../model/store.ts';
import type { Health, HealthOptions } from '../notify/health.ts';
import type { EngineSystem } from './inspection.ts';
import type { StartOptions } from './options.ts';
import type { Queries } from './queries.ts';
import type { Schedule, ScheduleOptions, ScheduleView } from './schedules.ts';
import type { Session, SessionView } from './session.ts';

/** Which sessions to list. */
export interface SessionQuery {
  job?: AnyJob | string;
  status?: SessionView['status'];
  /** Created within this time. */
  since?: Duration;
}

/** Which cached outputs of incremental jobs. What is absent lets all through. */
export interface CacheQuery {
  job?: AnyJob | string;
  /** What `incremental.series` gave. */
  series?: string;
  /** Only those that no session has written or used for this long. */
  unusedFor?: Duration;
}

/** What a resume did. */
export interface ResumeReport {
  readonly resumed: readonly Session<unknown, unknown>[];
  /** Sessions left as they are, with the reason: `INPUT_CHANGED`, `JOB_CHANGED`, `JOB_NOT_REGISTERED`. */
  readonly refused: readonly { readonly session: SessionView; readonly error: MillraceError }[];
}

/** The batch engine of one host. */
export interface Engine extends AsyncDisposable {
  /**
   * Starts a session, or joins the live one of the same key and input. Resolves when it is recorded.
   * @throws MillraceError `INPUT_CHANGED` when the live session of the key has another input, `DUPLICATE_SESSION` under `onDuplicate: 'reject'`.
   */
  start<Input, Result, Output>(
    job: Job<Input, Result, Output>,
    input: NoInfer<Input>,
    options?: StartOptions,
  ): Promise<Session<Result, Output>>;
  /** `start`, then `outcome`. */
  run<Input, Result, Output>(
    job: Job<Input, Result, Output>,
    input: NoInfer<Input>,
    options?: StartOptions,
  ): Promise<Outcome<Result>>;
  /** A handle on a session by its id, or on the newest of a key; undefined when there is none. */
  find<Input, Result, Output>(
    job: Job<Input, Result, Output>,
    by: { id: string } | { key: string },
  ): Promise<Session<Result, Output> | undefined>;
  /** Sessions, newest first. */
  sessions(query?: SessionQuery): AsyncIterable<SessionView>;
  /** Takes on sessions that no living host coordinates: all, or one. Their input and job must be what they were. */
  resume(which?: { id: string }): Promise<ResumeReport>;
  /**
   * Starts sessions of a job at the times of a cron pattern, from now on and as long as this engine is open. The schedule is kept in the
   * store: of several hosts that register it one takes each tick, and ticks that nobody took are made up for (`catchUp`).
   * Keeps the process alive until the engine is closed.
   *
   * @param cron - Five fields (minute, hour, day, month, weekday), six with seconds before them, or a name such as `@daily`.
   * @throws InvalidOptionError naming what is wrong; MillraceError `JOB_NOT_REGISTERED`.
   */
  schedule<Input, Result, Output>(
    job: Job<Input, Result, Output>,
    cron: string,
    options: ScheduleOptions<NoInfer<Input>>,
  ): Promise<Schedule<Result, Output>>;
  /** All schedules of the store, by name, with their newest ticks. */
  schedules(): Promise<readonly ScheduleView[]>;
  /** Deletes a schedule and its ticks; its sessions stay. Hosts that run it stop. False when there is none. */
  removeSchedule(name: string): Promise<boolean>;
  /**
   * Deletes ended sessions with all that belongs to them; or, with `cache`, outputs that incremental sessions have left, so that their
   * ranges are run again. Sessions take nothing of the cache along. Answers how many.
   */
  prune(which: { olderThan: Duration } | { id: string } | { cache: CacheQuery }): Promise<number>;
  /** Takes nothing new in, lets running batches end within `grace`, hands the rest back, and lets go of everything. */
  close(options?: { grace?: Duration }): Promise<void>;
  /** Questions about all that the store holds: what crashed, failed, was slow, is stuck. */
  readonly queries: Queries;
  /** How the work of the last hour went, with a verdict. @throws InvalidOptionError */
  health(options?: HealthOptions): Promise<Health>;
  /** The store, for queries of your own. */
  readonly store: Store;
  /** For XState inspectors: `engine.system.inspect(observer)` shows sessions and the batches in flight, also when attached late. */
  readonly system: EngineSystem;
}
