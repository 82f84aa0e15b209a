import { errorInfo } from '../../model/error-info.ts';
import type { WorkShape } from '../../model/executor.ts';
import type { JobDefinition } from '../../model/job.ts';
import type { SessionRecord } from '../../model/records.ts';
import type { SessionPolicies } from '../api/options.ts';
import type { LetterQuery, Session } from '../api/session.ts';
import { followLive, followStored } from '../handle/follow.ts';
import { createHandle } from '../handle/handle.ts';
import { createLiveValue, type LiveValue } from '../handle/live-stream.ts';
import { logStoreCost } from '../handle/store-cost.ts';
import type { Host } from '../host/host.ts';
import { inTurn } from '../host/in-turn.ts';
import type { LiveSession } from '../live/live-session.ts';
import { heldBackBy } from '../live/rate.ts';
import { requestedHere } from '../live/requests.ts';
import { isOrphaned } from '../ports/orphan.ts';
import type { EnginePorts } from '../ports/ports.ts';
import { continueSession } from '../session/begin.ts';
import { openSession } from '../session/open-session.ts';
import { seatTakenBy } from '../session/seat.ts';
import type { SessionCache } from '../session/session-cache.ts';
import { storedPolicies } from '../session/stored-policies.ts';
import type { Registry } from './registry.ts';
import { replaySession } from './replay.ts';

/** Runs sessions in this host, and gives out handles on any. */
export interface Coordinator {
  /** Loads the job's work where the session would run: fails before anything is recorded. */
  preflight(job: JobDefinition, policies: SessionPolicies): Promise<void>;
  /** Brings a recorded session, whose coordinator this host is, to life. @throws MillraceError `ENGINE_CLOSED` when it is too late. */
  launch(record: SessionRecord, job: JobDefinition, begin: (session: LiveSession) => Promise<void>): Promise<void>;
  handle(record: SessionRecord, job: JobDefinition, started: boolean): Session<unknown, unknown>;
}

export function createCoordinator(parts: {
  host: Host;
  registry: Registry;
  cache: SessionCache;
  closed: AbortSignal;
}): Coordinator {
  const { host, registry, cache, closed } = parts;
  const { ports, live } = host;
  const values = new WeakMap<LiveSession, LiveValue>();

  const shapeOf = (job: JobDefinition, policies: SessionPolicies): Promise<WorkShape> =>
    registry.shape(job, host.poolFor(job, policies, false).executor);
  // The store answers a repeated replay as the first: so each session is replayed here by one at a time.
  const replay = inTurn(async (record, job: JobDefinition, which: LetterQuery): Promise<Session<unknown, unknown>> => {
    const { kind } = await shapeOf(job, storedPolicies(record));
    host.arriving.add(record.id);
    try {
      const replayed = await replaySession(ports, record.id, job, kind, which);
      if (replayed) {
        cache.forget(record.id);
        await coordinator.launch(replayed, job, continueSession);
      }
      return coordinator.handle(replayed ?? (await ports.store.getSession(record.id)) ?? record, job, false);
    } finally {
      host.arriving.delete(record.id);
    }
  });
  const coordinator: Coordinator = {
    async preflight(job, policies) {
      await shapeOf(job, policies);
    },
    async launch(record, job, begin) {
      const policies = storedPolicies(record);
      const shape = await shapeOf(job, policies);
      if (closed.aborted) return giveBack(ports, record, closed);
      const value = createLiveValue();
      const session = openSession(record, {
        ports,
        job,
        policies,
        shape,
        tempRoot: host.residue.root,
        poolFor: (single) => host.poolFor(job, policies, single),
        refuge: host.refuge,
        onChange: value.notify,
      });
      values.set(session, value);
      live.set(session.id, session);
      void untilOver(session, cache).finally(() => {
        // By then it may have been taken on here anew.
        if (live.get(session.id) === session) live.delete(session.id);
        value.end();
      });
      // The lease was lost before the session could learn of it.
      if (record.coordinator !== ports.owner()) session.stop ??= { type: 'leave' };
      begin(session).catch((thrown: unknown) => {
        session.stop ??= { type: 'fail', error: errorInfo(thrown) };
        session.onAnswer(undefined);
      });
    },
    handle(record, job, started) {
      const session = live.get(record.id);
      const value = session && values.get(session);
      const stored = { ...ports, closed };
      const follow = session && value ? followLive(session, value, stored) : followStored(record, stored);
      return createHandle({
        ports,
        record,
        started,
        closed,
        follow,
        requested: (asked, now) => {
          const here = live.get(now.id);
          if (here) requestedHere(here, asked, now);
        },
        kind: async () => (await shapeOf(job, storedPolicies(record))).kind,
        replay: (which) => replay(record, job, which),
        orphaned: async ({ id }) => !live.has(id) && (await isOrphaned(ports.store, id)),
        waitingFor: (now) => whyWaiting(host, now),
      });
    },
  };
  return coordinator;
}

async function whyWaiting({ live, ports }: Host, record: SessionRecord): Promise<string | null> {
  const here = live.get(record.id);
  return (here && heldBackBy(here)) ?? seatTakenBy(ports.store, record);
}

/** Too late: nobody is left here who would end it. */
async function giveBack({ store, logger }: EnginePorts, { id, epoch }: SessionRecord, closed: AbortSignal): Promise<never> {
  // A store that is closed has no owner of this host any more: the session is free as it is.
  await store.leaveSession(id, epoch).catch((error: unknown) => {
    logger.warn({ session: id, error: errorInfo(error).message }, 'session could not be given back');
  });
  throw closed.reason;
}

/** Resolves when the session is over here. */
async function untilOver(session: LiveSession, cache: SessionCache): Promise<void> {
  const before = session.ports.store.operations();
  // Rejects when this host let go of the session: whoever waits is told why by the same promise.
  const ended = await session.ended.promise.catch(() => undefined);
  if (!ended) return;
  logStoreCost(session, before, ended);
  cache.keep(ended);
}
