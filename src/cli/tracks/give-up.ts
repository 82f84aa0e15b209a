import type { Engine } from '../../engine/api.ts';
import { tracksSortJob } from '../../workloads/tracks/sort-job.ts';
import { tracksJob } from '../../workloads/tracks/tracks-job.ts';
import type { LeftBehind } from './left-behind.ts';

/** Ends an interrupted session as cancelled, so that another can take its place. What it wrote stays until then. */
export async function giveUp(engine: Engine, { record }: LeftBehind): Promise<void> {
  const by = { id: record.id };
  const session = record.job === tracksJob.name ? await engine.find(tracksJob, by) : await engine.find(tracksSortJob, by);
  await session?.cancel('given up with --fresh');
  const { resumed } = await engine.resume(by);
  await resumed[0]?.outcome();
}
