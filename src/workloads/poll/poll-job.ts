import { createHash } from 'node:crypto';
import { byCount } from '../../model/chunkers.ts';
import type { Duration } from '../../model/duration.ts';
import { defineJob, type Job } from '../../model/job.ts';
import { type BatchState, openBatchStates } from '../../model/moves.ts';
import type { Counts } from '../../model/outcome.ts';
import { type Work, workModule } from '../../model/work.ts';
import { workUrl } from '../work-url.ts';
import type { Listing, Poll } from './listing.ts';
import type work from './poll.work.ts';
import type { LogOutput, PollSettings } from './read-log.ts';

/** Where a task may stand, in the words of a tracker. One that waits for its retry is queued. */
export const taskStatuses = ['queued', 'processing', 'completed', 'dlq'] as const;

/** One of them. */
export type TaskStatus = (typeof taskStatuses)[number];

const statesOf: Readonly<Record<TaskStatus, readonly BatchState[]>> = {
  queued: openBatchStates.filter((state) => state !== 'running'),
  processing: ['running'],
  completed: ['completed'],
  dlq: ['failed.dead', 'crashed.dead'],
};

/** The status of a batch; undefined: it was cancelled, and is no execution. */
export function statusOf(state: BatchState): TaskStatus | undefined {
  return taskStatuses.find((status) => statesOf[status].includes(state));
}

/** When a log that is listed again is not enqueued again. */
export interface PollJobOptions {
  /** How long an execution holds its task, from its enqueue on: exactly that long after it the task is free. @default '5m' */
  readonly window?: Duration;
  /** In which states it does. @default queued, processing, completed */
  readonly states?: readonly TaskStatus[];
  /** What reads a log. @default a flight is measured by its IGC file */
  readonly work?: Work<Listing, LogOutput, PollSettings, never>;
}

/** One poll: what its session is started with. */
export interface PollInput extends Poll {
  /** The folder, or the URL. */
  readonly source: string;
  /** The poll's place in a folder, from 1; null: the source is asked anew each time. */
  readonly place: number | null;
  /** Where the first moment of a virtual clock lies, in epoch milliseconds; null: by the machine's clock. */
  readonly zero: number | null;
  /** Folder or URL of the files. */
  readonly files: string;
}

/** What came of a poll: its items, counted. */
export type PollResult = Counts['items'];

/** The job that `runPoll` starts, a session for each poll. */
export type PollJob = Job<PollInput, PollResult, LogOutput>;

/**
 * Makes the job: give it to `createEngine` and to `runPoll`. A listed log is a batch with a task id; all of a poll are enqueued before any
 * of them is read, and the store decides in that write which are duplicates, over all sessions and hosts.
 *
 * @throws InvalidOptionError for an impossible window or states.
 */
export function pollJob({
  window = '5m',
  states = ['queued', 'processing', 'completed'],
  ...given
}: PollJobOptions = {}): PollJob {
  return defineJob(given.work ?? workModule<typeof work>(workUrl('poll.work', import.meta.url)), {
    name: 'poll',
    source: ({ logs }: PollInput) => logs,
    chunk: byCount(1),
    itemId: ({ taskId }) => taskId,
    taskId: ({ taskId }) => taskId,
    dedupe: { window, states: states.flatMap((status) => statesOf[status]), ahead: true },
    settings: ({ files }) => ({ files }),
    // Longer than a log may take to come over the wire.
    itemTimeout: '1m',
    finalize: ({ counts }): PollResult => counts.items,
    // Hosts that come to the same poll of a folder join, though each has begun at a moment of its own.
    fingerprint: ({ zero, ...input }) => createHash('sha1').update(JSON.stringify(input)).digest('hex'),
    metadata: ({ logs, ...facts }) => facts,
  });
}
