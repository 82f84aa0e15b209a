import { copyPayload, decode } from '../../model/codec.ts';
import { errorInfo } from '../../model/error-info.ts';
import { MillraceError } from '../../model/errors.ts';
import type { SessionId } from '../../model/ids.ts';
import { isInstance } from '../../model/is-instance.ts';
import type { JobDefinition } from '../../model/job.ts';
import type { SessionRecord } from '../../model/records.ts';
import type { Store } from '../../model/store.ts';
import { createTurns } from '../../model/turns.ts';
import type { ResumeReport } from '../api/api.ts';
import type { Session } from '../api/session.ts';
import type { Host } from '../host/host.ts';
import { inTurn } from '../host/in-turn.ts';
import type { LiveSession } from '../live/live-session.ts';
import { viewOf } from '../live/view.ts';
import { isOrphaned } from '../ports/orphan.ts';
import { rescueAll } from '../ports/rescue-all.ts';
import { continueSession } from '../session/begin.ts';
import { checkSame } from '../session/new-session.ts';
import { storedPolicies } from '../session/stored-policies.ts';
import type { Coordinator } from './coordinate.ts';
import type { Registry } from './registry.ts';

/** Takes on sessions that their host left behind. */
export interface Resumer {
  /** One session, if no living host coordinates it; undefined otherwise. @throws MillraceError when it is not what it was. */
  resumeOne(record: SessionRecord, job: JobDefinition): Promise<Session<unknown, unknown> | undefined>;
  /** Takes a session on to end it, if no living host coordinates it: nothing more of it is run. */
  takeOnToEnd(record: SessionRecord, job: JobDefinition): Promise<void>;
  /** All of them, or one. `held` ones are paused: a timer leaves them alone. One sweep at a time. */
  resumeAll(which: { id?: string; held: boolean }): Promise<ResumeReport>;
  /** Resolves when no sweep is under way. */
  idle(): Promise<unknown>;
}

/** Sessions that are read at once, with their inputs. */
const page = 100;

/** How long a session may keep others waiting. */
const longestTrialMs = 15_000;

export function createResumer(parts: {
  host: Host;
  registry: Registry;
  coordinator: Coordinator;
  /** Aborts when the engine closes: from then on nothing is taken on. */
  closed: AbortSignal;
}): Resumer {
  const { host, registry, coordinator, closed } = parts;
  const { store, persist, owner, logger, clock } = host.ports;
  const oneAtATime = createTurns();

  const adopt = async (record: SessionRecord, job: JobDefinition, begin: Begin): Promise<SessionRecord | undefined> => {
    host.arriving.add(record.id);
    try {
      const adopted = await persist(() => store.adoptSession(record.id, owner()));
      if (!adopted) return undefined;
      // Only now can nobody claim under an older epoch. What a dead host's children still run must not run a second time.
      await host.residue.sweep();
      await rescueAll(host.ports);
      await coordinator.launch(adopted, job, begin);
      return adopted;
    } finally {
      host.arriving.delete(record.id);
    }
  };
  // The store answers a repeated adoption as the first: so each session is adopted here by one at a time, and once.
  const adoptOnce = inTurn(async (record, job: JobDefinition, begin: Begin) =>
    host.live.has(record.id) ? undefined : adopt(record, job, begin),
  );
  const resumeOrphan = async (record: SessionRecord, job: JobDefinition): Promise<Session<unknown, unknown> | undefined> => {
    if (host.live.has(record.id)) return undefined;
    // To cancel what was left, nothing needs to be what it was.
    const isGivenUp = record.cancelReason !== null;
    if (!isGivenUp) await checkSame(record, job, decode(copyPayload(record.input)));
    await coordinator.preflight(job, storedPolicies(record));
    closed.throwIfAborted();
    const adopted = await adoptOnce(record, job, isGivenUp ? endAtOnce : continueSession);
    return adopted && coordinator.handle(adopted, job, false);
  };
  /**
   * When hosts die one after another, who may be to blame goes alone, until a worker has answered it: so nobody is blamed for another.
   * A host that has lived on for a while has not been killed by it.
   */
  const mustWait = ({ takeovers }: SessionRecord): boolean =>
    takeovers > 0 &&
    [...host.live.values()].some((session) => session.recorded.takeovers > 0 && mayStillKill(session, clock.now()));
  const resumeOf = async (orphans: readonly SessionRecord[], held: boolean): Promise<ResumeReport> => {
    const resumed: Session<unknown, unknown>[] = [];
    const refused: { session: ReturnType<typeof viewOf>; error: MillraceError }[] = [];
    for (const record of orphans) {
      if (closed.aborted) break;
      if (!held && (record.paused || mustWait(record))) continue;
      try {
        const session = await resumeOrphan(record, jobOf(registry, record));
        if (session) resumed.push(session);
      } catch (thrown) {
        // What fails because this host closes is not the session's failure: the next host takes it on.
        if (closed.aborted) break;
        const { id, job } = record;
        const error = refusalOf(record, thrown);
        logger.warn({ session: id, job, code: error.code, error: errorInfo(error).message }, 'session not resumed');
        refused.push({ session: viewOf(record, { orphaned: true, waitingFor: null }), error });
      }
    }
    return { resumed, refused };
  };
  const sweep = async (which: { id?: string; held: boolean }): Promise<ResumeReport> => {
    const reports: ResumeReport[] = [];
    for await (const orphans of orphanPages(store, which.id as SessionId | undefined))
      reports.push(await resumeOf(orphans, which.held));
    return { resumed: reports.flatMap(({ resumed }) => resumed), refused: reports.flatMap(({ refused }) => refused) };
  };

  return {
    resumeOne: async (record, job) =>
      (await persist(() => isOrphaned(store, record.id))) ? resumeOrphan(record, job) : undefined,
    async takeOnToEnd(record, job) {
      if (await persist(() => isOrphaned(store, record.id))) await adoptOnce(record, job, endAtOnce);
    },
    resumeAll: (which) => oneAtATime.take(() => sweep(which)),
    idle: oneAtATime.idle,
  };
}

function mayStillKill({ answered, paused, takenOnAt }: LiveSession, now: number): boolean {
  return !answered && !paused && now < takenOnAt + longestTrialMs;
}

type Begin = Parameters<Coordinator['launch']>[2];

const endAtOnce: Begin = async (session) => session.onAnswer(undefined);

/** Whatever is wrong with one session must not keep the others from going on: a callback that throws, a row that makes no sense. */
function refusalOf({ id, job }: SessionRecord, thrown: unknown): MillraceError {
  if (isInstance(thrown, MillraceError)) return thrown;
  return new MillraceError('JOB_CHANGED', `Session ${id} can't be resumed by job ${job}: ${errorInfo(thrown).message}`, {
    cause: thrown,
  });
}

async function* orphanPages(store: Store, id: SessionId | undefined): AsyncGenerator<readonly SessionRecord[]> {
  for (let after: SessionId | undefined; ; ) {
    const orphans = await store.listSessions({ orphaned: true, ...(id && { id }), ...(after && { after }), limit: page });
    yield orphans;
    after = orphans.at(-1)?.id;
    if (orphans.length < page) return;
  }
}

function jobOf(registry: Registry, record: SessionRecord): JobDefinition {
  const job = registry.find(record.job);
  if (job) return job;
  throw new MillraceError('JOB_NOT_REGISTERED', `Session ${record.id} is of job ${record.job}, which is not registered here.`);
}
