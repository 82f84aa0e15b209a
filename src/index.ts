export { memory } from './adapters/stores/memory.ts';
export type { CompareOptions, Comparison, RowCounts, RowDifference } from './adapters/stores/shadow/compare.ts';
export type { PairControl, ShadowStatus, StageOptions } from './adapters/stores/shadow/control.ts';
export type { Repair } from './adapters/stores/shadow/repair.ts';
export { type ShadowOptions, type ShadowStore, shadow } from './adapters/stores/shadow.ts';
export { type SqliteOptions, sqlite } from './adapters/stores/sqlite.ts';
export { createEngine } from './create-engine.ts';
export type { CacheQuery, Engine, ResumeReport, SessionQuery } from './engine/api/api.ts';
export type { EngineSystem, InspectedEvent, Inspector } from './engine/api/inspection.ts';
export type { EngineOptions, StartOptions } from './engine/api/options.ts';
export type { ChainLink, Queries, QueryOptions, QueryScope, Verification } from './engine/api/queries.ts';
export type { Schedule, ScheduleOptions, ScheduleView, Tick, TickRun, TickView } from './engine/api/schedules.ts';
export type { Progress, Session, SessionView } from './engine/api/session.ts';
export type { Health, HealthOptions } from './engine/notify/health.ts';
export type { AlertOptions, Notify } from './engine/notify/notify-options.ts';
export { byCount, byRange, byWeight, type Chunker, type RangeOptions, type WeightOptions } from './model/chunkers.ts';
export type { Clock } from './model/clock.ts';
export type { Payload } from './model/codec.ts';
export type { Duration } from './model/duration.ts';
export {
  type Category,
  DuplicateSessionError,
  type ErrorCode,
  type ErrorDetails,
  type ErrorInfo,
  InvalidOptionError,
  MillraceError,
  PermanentError,
  RetryError,
  SessionError,
  ShadowRefusedError,
} from './model/errors.ts';
export type { MillraceEvent } from './model/events.ts';
export type { SessionId } from './model/ids.ts';
export type { IncrementalPolicy, IncrementalSlicesPolicy, SlicePart } from './model/incremental.ts';
export {
  type AnyJob,
  defineJob,
  type ExecutorName,
  type FinalizeContext,
  type Gap,
  type Job,
  type Policies,
  type RetryPolicy,
  type TaskDedupePolicy,
} from './model/job.ts';
export type { Logger } from './model/logger.ts';
export type { AlertName, Notification, NotificationRecord } from './model/notifications.ts';
export type { Counts, DeadLetter, FailureGroup, Outcome } from './model/outcome.ts';
export type {
  AttemptTally,
  BatchTimes,
  CategoryFailures,
  CrashedBatch,
  FoundBatch,
  JobTotals,
  NormalFailures,
  QuestionName,
  Questions,
  QueueDepth,
  RepeatedTasks,
  RunningBatch,
  StateRows,
  Within,
} from './model/questions.ts';
export type { RatePolicy } from './model/rate.ts';
export type { ScheduleEvent } from './model/schedule-events.ts';
export type { CatchUpPolicy, OverlapPolicy, TickOutcome, TickState } from './model/schedules.ts';
export type { SeatPolicy } from './model/seats.ts';
export type { Store } from './model/store.ts';
export {
  type Awaitable,
  type Chunk,
  type ChunkContext,
  defineWork,
  type SetupContext,
  type Stream,
  type Work,
  type WorkContext,
  workModule,
} from './model/work.ts';
