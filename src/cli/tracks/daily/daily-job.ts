import { byCount } from '../../../model/chunkers.ts';
import { defineJob, type Job } from '../../../model/job.ts';
import { defineWork } from '../../../model/work.ts';
import type { TracksOptions } from '../../../workloads/tracks/options.ts';
import type { Made } from '../make-tracks.ts';
import type { RecordedFile, RecordedRequest } from '../request.ts';

/** What one run for one user is about. */
export interface DailyInput {
  readonly user: string;
  readonly files: readonly string[];
  readonly out: string;
  /** The user's settings, as they were when the run began. */
  readonly options: TracksOptions;
  /** Until when the history had been processed: the end of the last track, in epoch milliseconds; null: it never was. */
  readonly from: number | null;
}

/** What a run for a user gave. */
export interface DailyResult {
  readonly user: string;
  readonly from: number | null;
  readonly until: number | null;
  readonly tracks: number;
  readonly chunks: number;
  /** Of the chunks, those that had not changed. */
  readonly cached: number;
  /** The files that were read, as they were. */
  readonly files: readonly RecordedFile[];
}

/** The job of `--mode daily`: one session a user and tick. */
export type DailyJob = Job<DailyInput, DailyResult | undefined, DailyResult>;

/** What lets a run wait for its next try, and not for the next tick. */
const passing = ['ENGINE_CLOSED', 'STORE_FAILED'];

/**
 * Runs users one after another, since each run uses all workers by itself.
 *
 * @param make - Makes the tracks of a user.
 */
export function dailyJob(
  make: (input: DailyInput) => Promise<{ readonly made: Made; readonly request: RecordedRequest }>,
): DailyJob {
  const work = defineWork({
    each: async (input: DailyInput): Promise<DailyResult> => {
      const { made, request } = await make(input);
      const { report, answer } = made;
      return {
        user: input.user,
        from: input.from,
        until: report.tracks.reduce<number | null>((latest, { endMs }) => Math.max(latest ?? endMs, endMs), null),
        tracks: report.summary.tracks,
        chunks: report.summary.chunks,
        cached: answer.cached,
        files: request.files,
      };
    },
  });
  return defineJob(work, {
    name: 'tracks-daily',
    source: (input: DailyInput) => [input],
    chunk: byCount(1),
    key: ({ user }) => user,
    metadata: ({ user, options, from }) => ({ user, settings: options, from }),
    retry: { classify: ({ code }) => (code !== undefined && passing.includes(code) ? 'retry' : 'permanent') },
    poison: 'fail',
    keep: '30d',
    combine: (_, right) => right,
  });
}
