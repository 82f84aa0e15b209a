import { defineJob } from '../../model/job.ts';
import { workModule } from '../../model/work.ts';
import { cutRanges } from './cut-ranges.ts';
import type { ColumnsRun, CsvRun } from './history.ts';
import { fingerprintRuns } from './input-fingerprint.ts';
import { addCounts, emptyTally, type RowCounts } from './row-counts.ts';
import type work from './sort.work.ts';
import { workUrl } from './tracks-job.ts';

/** Files that are not in time order, and where their sorted pieces go. */
export interface SortInput {
  readonly runs: readonly CsvRun[];
  /** An existing folder; the files in it are written over. */
  readonly folder: string;
  /** Bytes of text that are sorted at once. */
  readonly size: number;
}

/** The same points as files of columns, each in time order. */
export interface SortResult {
  readonly runs: readonly ColumnsRun[];
  readonly counts: RowCounts;
}

/**
 * Sorts location histories of any size: pieces of a bounded size, each in a worker. What makes one history of the pieces is the tracks job,
 * which merges its runs by time; pieces are in input order, so that equal times stay in it.
 */
export const tracksSortJob = defineJob(workModule<typeof work>(workUrl('sort.work')), {
  name: 'tracks-sort',
  version: '1',
  slices: ({ runs, size }: SortInput) => cutRanges(runs, size),
  settings: ({ runs, folder }) => ({ runs, folder }),
  finalize: async ({ outputs }): Promise<SortResult> => {
    const runs: ColumnsRun[] = [];
    let counts: RowCounts = emptyTally();
    for await (const sorted of outputs) {
      if (sorted.run) runs.push(sorted.run);
      counts = addCounts(counts, sorted.counts);
    }
    return { runs, counts };
  },
  partial: 'forbid',
  key: ({ folder }) => `tracks-sort:${folder}`,
  fingerprint: ({ runs, size }) => fingerprintRuns(runs, { size }),
  metadata: ({ runs }) => ({ inputs: runs.map(({ file }) => file) }),
});
