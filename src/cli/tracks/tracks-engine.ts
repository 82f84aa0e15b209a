import { existsSync } from 'node:fs';
import type { Session } from '../../engine/api/session.ts';
import type { Job } from '../../model/job.ts';
import type { WorkloadEngine } from '../../workloads/engine-part.ts';
import { type SortResult, tracksSortJob } from '../../workloads/tracks/sort-job.ts';
import { tracksJob } from '../../workloads/tracks/tracks-job.ts';
import type { Running } from '../with-engine.ts';
import type { RecordedRequest } from './request.ts';

/**
 * The engine as `runTracks` sees it: it records the request with each session, shows progress, and does not do again what an
 * interrupted run has completed.
 *
 * @param finished - The id of a completed session whose result is to be used as it is.
 */
export function createTracksEngine(
  { engine, watch, finishing }: Running,
  request: RecordedRequest,
  finished: string | undefined,
): WorkloadEngine {
  const completedOf = async <Input, Result, Output>(
    job: Job<Input, Result, Output>,
    input: Input,
  ): Promise<Session<Result, Output> | undefined> => {
    const key = job.definition.key?.(input);
    const session = key === undefined ? undefined : await engine.find(job, { key });
    if (!session || (await session.state()).status !== 'completed') return undefined;
    if (job.name === tracksJob.name) return session.id === finished ? session : undefined;
    return (await hasSortedFiles(session)) ? session : undefined;
  };
  return {
    store: engine.store,
    find: (job, by) => engine.find(job, by),
    async start(job, input, options) {
      const session =
        (await completedOf(job, input)) ?? (await engine.start(job, Object.assign({}, input, { request }), options));
      watch(session, job.name === tracksSortJob.name ? 'sorting' : 'tracks', 'rows');
      if (job.name === tracksJob.name) {
        const finish = ({ status }: { readonly status: string }): void => {
          if (status === 'completed') finishing();
        };
        // A rejection means that the engine was closed: `runTracks` waits for the same and tells of it.
        session.outcome().then(finish, () => undefined);
      }
      return session;
    },
  };
}

/** A sort is worth nothing without what it wrote. The folder is named by the inputs, so that its files are of the same ones. */
async function hasSortedFiles(session: Session<unknown, unknown>): Promise<boolean> {
  const { runs } = (await session.result()) as SortResult;
  return runs.every(({ file }) => existsSync(file));
}
