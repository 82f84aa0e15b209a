import { defineJob } from '../../model/job.ts';
import { workModule } from '../../model/work.ts';
import { cutRanges } from './cut-ranges.ts';
import type { ColumnsRun, SourceFile } from './history.ts';
import { fingerprintRuns } from './input-fingerprint.ts';
import { addCounts, emptyTally, type RowCounts } from './row-counts.ts';
import type work from './sort.work.ts';
import { workUrl } from './tracks-job.ts';

/** Files that are not in time order or not CSV, and where their sorted pieces go. */
export interface SortInput {
  readonly runs: readonly SourceFile[];
  /** An existing folder; the files in it are written over. */
  readonly folder: string;
  /** Bytes of text that are sorted at once. */
  readonly size: number;
  /** Whether each device gets files of its own. @default false */
  readonly byDevice?: boolean;
}

/** The same points as files of columns, each in time order. */
export interface SortResult {
  readonly runs: readonly ColumnsRun[];
  readonly counts: RowCounts;
}

/** Bytes of a point in memory: what is sorted at once takes as much there as `size` bytes of text. */
const pointBytes = 32;

/**
 * Sorts location histories of any size: pieces of a bounded size, each in a worker. Files that can't be cut are read by one worker each, piece by piece. What makes one history of the pieces is the tracks job,
 * which merges its runs by time; pieces are in input order, so that equal times stay in it.
 */
export const tracksSortJob = defineJob(workModule<typeof work>(workUrl('sort.work')), {
  name: 'tracks-sort',
  version: '2',
  slices: ({ runs, size }: SortInput) => cutRanges(runs, size),
  settings: ({ runs, folder, size, byDevice }) => ({
    runs,
    folder,
    points: Math.ceil(size / pointBytes),
    byDevice: byDevice ?? false,
  }),
  finalize: async ({ outputs }): Promise<SortResult> => {
    const runs: ColumnsRun[] = [];
    let counts: RowCounts = emptyTally();
    for await (const sorted of outputs) {
      runs.push(...sorted.runs);
      counts = addCounts(counts, sorted.counts);
    }
    return { runs, counts };
  },
  partial: 'forbid',
  key: ({ folder }) => `tracks-sort:${folder}`,
  fingerprint: ({ runs, size, byDevice }) => fingerprintRuns(runs, { size, byDevice }),
  metadata: ({ runs }) => ({ inputs: runs.map(({ file }) => file) }),
});
