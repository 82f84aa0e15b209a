import type { Engine } from '../../engine/api/api.ts';
import { isEndedSession } from '../../model/moves.ts';
import { removeWorkFolder, workFolderOf } from '../../workloads/output/work-folder.ts';
import { planOptions } from '../../workloads/tracks/options.ts';
import { tracksSortJob } from '../../workloads/tracks/sort-job.ts';
import { tracksJob } from '../../workloads/tracks/tracks-job.ts';
import type { LeftBehind } from './left-behind.ts';

/**
 * Ends an interrupted session as cancelled, so that another can take its place, and removes its sorted files.
 * A sort that is complete, for tracks that were never begun, is deleted.
 */
export async function giveUp(engine: Engine, { record, request }: LeftBehind): Promise<void> {
  const by = { id: record.id };
  if (isEndedSession(record.state)) {
    await engine.prune(by);
  } else {
    const session = record.job === tracksJob.name ? await engine.find(tracksJob, by) : await engine.find(tracksSortJob, by);
    await session?.cancel('given up with --fresh');
    const { resumed } = await engine.resume(by);
    await resumed[0]?.outcome();
  }
  await removeWorkFolder(workFolderOf(request.out, planOptions(request.options), request.files));
}
