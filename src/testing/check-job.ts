import { checkWhole } from '../model/check-option-names.ts';
import type { Job } from '../model/job.ts';
import { checkCuts } from './check-cuts.ts';
import { checkRuns } from './check-runs.ts';
import { openWork } from './open-work.ts';
import { seededRandom } from './random.ts';

/** Options of {@link checkJob}. */
export interface CheckJobOptions {
  /** Cuts to try on each input, for a job with `combine`. A whole number from 1 to 1,000,000. @default 200 */
  cuts?: number;
  /** Runs of an engine on each input. A whole number from 0 to 10,000; 0 leaves them out. @default 15 */
  runs?: number;
  /** Chooses cuts, orders and failures: the same seed, the same choice. @default 1 */
  seed?: number;
}

/** What was checked. */
export interface CheckedJob {
  /** Cuts compared, over all inputs. 0: the job has no `combine`, or every input was too short to be cut. */
  readonly cuts: number;
  /** Runs of an engine compared with `runSequential`, over all inputs. */
  readonly runs: number;
}

/**
 * Tests on a job's own inputs that its result is the sequential result, byte for byte, however it is run.
 *
 * First the law of a job with `combine`: `work(x ++ y)` must equal `combine(work(x), work(y))` for random stretches of the input
 * cut at random places. Three neighbours joined either way are such stretches, too, so `combine` is found out when it is not
 * associative. Items may be cut anywhere; with a chunker that looks around (`byRange`), only where the job cuts them, so that
 * overlaps stay true. For `each` work, and for slices, which can't be joined, it is `combine` alone that is tested.
 *
 * Then whole runs against {@link runSequential}: chunks of 1, 2, 7 and all items besides the job's own (for items that may be cut
 * anywhere, by `each` work or work with `combine`), an engine with 1, 2 and 4 batches at once on this thread, where batches end in
 * another order and some fail once. Failed batches are tried again at once, and once more often than the job allows; time limits
 * do not hold. `finalize` is called in each run, always with the same `finalizeId`; `runs: 0` spares a job whose `finalize` must
 * not. A job without result (neither `combine` nor `finalize`) is compared by its outputs.
 *
 * @throws MillraceError `LAW_BROKEN` with the smallest cut found that differs, or the run that does, and both values.
 * @throws MillraceError `ALL_FAILED` or `SESSION_FAILED` when the job gives nothing on an input, so that nothing was tested.
 */
export async function checkJob<Input, Result, Output>(
  job: Job<Input, Result, Output>,
  inputs: Iterable<NoInfer<Input>>,
  options: CheckJobOptions = {},
): Promise<CheckedJob> {
  const { cuts = 200, runs = 15, seed = 1 } = options;
  checkWhole(cuts, 'checkJob.cuts', 1, 1_000_000);
  checkWhole(runs, 'checkJob.runs', 0, 10_000);
  const { definition } = job;
  const random = seededRandom(seed);
  const checked = { cuts: 0, runs: 0 };
  for (const input of inputs) {
    const work = await openWork(definition, input);
    try {
      if (definition.combine) checked.cuts += await checkCuts(definition, work, input, cuts, random);
      if (runs > 0) checked.runs += await checkRuns(definition, work.shape, input, { runs, seed });
    } finally {
      await work.close();
    }
  }
  return checked;
}
