import { dirname } from 'node:path';
import type { Engine } from '../../engine/api/api.ts';
import type { SessionView } from '../../engine/api/session.ts';
import { annotationsJobs } from '../../workloads/annotations/run-annotations.ts';
import { removeWorkFolder, workFoldersIn } from '../../workloads/output/work-folder.ts';

/** Ends what interrupted runs into the same folder left, as cancelled, so that another can take its place. */
export async function giveUpEarlier(engine: Engine, out: string): Promise<void> {
  for (const { job, view } of await sessionsInto(engine, out, 'crashed')) {
    const session = await engine.find<never, unknown, unknown>(job, { id: view.id });
    await session?.cancel('given up with --fresh');
    const { resumed } = await engine.resume({ id: view.id });
    await resumed[0]?.outcome();
    await removeWorkFolder(String(view.metadata.folder));
  }
}

/** Deletes the completed sessions of earlier runs into the same folder, whose outputs have been replaced: the newest of each job stays. */
export async function dropEarlier(engine: Engine, out: string): Promise<void> {
  const kept = new Set<string>();
  for (const { job, view } of await sessionsInto(engine, out, 'completed')) {
    if (kept.has(job.name)) await engine.prune({ id: view.id });
    kept.add(job.name);
  }
}

interface Found {
  readonly job: (typeof annotationsJobs)[number];
  readonly view: SessionView;
}

async function sessionsInto(engine: Engine, out: string, status: SessionView['status']): Promise<Found[]> {
  const found: Found[] = [];
  for (const job of annotationsJobs) {
    for await (const view of engine.sessions({ job: job.name, status })) {
      const { folder } = view.metadata;
      if (typeof folder === 'string' && dirname(folder) === workFoldersIn(out)) found.push({ job, view });
    }
  }
  return found;
}
