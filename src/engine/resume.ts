import { copyPayload, decode } from '../model/codec.ts';
import { errorInfo } from '../model/error-info.ts';
import { MillraceError } from '../model/errors.ts';
import type { JobDefinition } from '../model/job.ts';
import type { SessionRecord } from '../model/records.ts';
import type { ResumeReport, Session } from './api.ts';
import { continueSession } from './begin.ts';
import type { Coordinator } from './coordinate.ts';
import type { Host } from './host.ts';
import { checkSame } from './new-session.ts';
import type { SessionPolicies } from './options.ts';
import type { Registry } from './registry.ts';
import { viewOf } from './view.ts';

/** Takes on sessions that their host left behind. */
export interface Resumer {
  /** One session, if no living host coordinates it; undefined otherwise. @throws MillraceError when it is not what it was. */
  resumeOne(record: SessionRecord, job: JobDefinition): Promise<Session<unknown, unknown> | undefined>;
  /** All of them, or one. `held` ones are paused: a timer leaves them alone. */
  resumeAll(which: { id?: string; held: boolean }): Promise<ResumeReport>;
}

/** Sessions that are looked at in one sweep. */
const page = 1_000;

export function createResumer(parts: { host: Host; registry: Registry; coordinator: Coordinator }): Resumer {
  const { host, registry, coordinator } = parts;
  const { store, owner, logger } = host.ports;

  const resumeOne: Resumer['resumeOne'] = async (record, job) => {
    if (host.live.has(record.id)) return undefined;
    const orphans = await store.listSessions({ orphaned: true, job: job.name, limit: page });
    if (!orphans.some(({ id }) => id === record.id)) return undefined;
    // To cancel what was left, nothing needs to be what it was.
    const isGivenUp = record.cancelReason !== null;
    if (!isGivenUp) await checkSame(record, job, decode(copyPayload(record.input)));
    await coordinator.preflight(job, decode(record.policies) as SessionPolicies);
    while ((await store.rescue(page)) === page);
    const adopted = await store.adoptSession(record.id, owner());
    if (!adopted) return undefined;
    await coordinator.launch(adopted, job, isGivenUp ? async (session) => session.onAnswer(undefined) : continueSession);
    return coordinator.handle(adopted, job, false);
  };

  return {
    resumeOne,
    async resumeAll({ id, held }) {
      const orphans = await store.listSessions({ orphaned: true, limit: page });
      const resumed: Session<unknown, unknown>[] = [];
      const refused: { session: ReturnType<typeof viewOf>; error: MillraceError }[] = [];
      for (const record of orphans) {
        if ((id !== undefined && record.id !== id) || (record.paused && !held)) continue;
        try {
          const session = await resumeOne(record, jobOf(registry, record));
          if (session) resumed.push(session);
        } catch (thrown) {
          if (!(thrown instanceof MillraceError)) throw thrown;
          logger.warn(
            { session: record.id, job: record.job, code: thrown.code, error: errorInfo(thrown).message },
            'session not resumed',
          );
          refused.push({ session: viewOf(record, { orphaned: true, waitingFor: null }), error: thrown });
        }
      }
      return { resumed, refused };
    },
  };
}

function jobOf(registry: Registry, record: SessionRecord): JobDefinition {
  const job = registry.find(record.job);
  if (job) return job;
  throw new MillraceError('JOB_NOT_REGISTERED', `Session ${record.id} is of job ${record.job}, which is not registered here.`);
}
