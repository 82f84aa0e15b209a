/**
 * Partners' logs, polled and measured: the job, and `runPoll`, which asks a source and starts a session for each answer.
 *
 * @packageDocumentation
 */
export type { LastingEngine, WorkloadSession } from './workloads/engine-part.ts';
export type { Listing, Poll } from './workloads/poll/listing.ts';
export type { LogFacts } from './workloads/poll/measure-log.ts';
export {
  type PollInput,
  type PollJob,
  type PollJobOptions,
  type PollResult,
  pollJob,
  type TaskStatus,
} from './workloads/poll/poll-job.ts';
export type { LogOutput, PollSettings } from './workloads/poll/read-log.ts';
export { type PollHooks, type PollReport, type PollRequest, runPoll } from './workloads/poll/run-poll.ts';
export type { PollStats } from './workloads/poll/stats.ts';
export { type VirtualClock, virtualClock } from './workloads/virtual-clock.ts';
