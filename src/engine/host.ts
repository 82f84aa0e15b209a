import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngineActors } from '../machines/engine-actors.ts';
import type { Clock } from '../model/clock.ts';
import { errorInfo } from '../model/error-info.ts';
import { MillraceError } from '../model/errors.ts';
import type { Executor } from '../model/executor.ts';
import type { OwnerId, SessionId, Token } from '../model/ids.ts';
import type { ExecutorName, JobDefinition } from '../model/job.ts';
import type { Logger } from '../model/logger.ts';
import type { Store } from '../model/store.ts';
import { createWriter } from './commit.ts';
import { dispatch } from './dispatch.ts';
import { createEventBus } from './events.ts';
import { keepLease, type Lease } from './lease.ts';
import type { LiveSession } from './live-session.ts';
import type { SessionPolicies } from './options.ts';
import { createPersist } from './persist.ts';
import { createPool, type Pool, type PulledGroup } from './pool.ts';
import type { EnginePorts } from './ports.ts';

/** What a host is made of: handed in, so that tests own time, chance and executors. */
export interface HostParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly leaseMs: number;
  readonly executor: ExecutorName;
  executors(name: ExecutorName, slots: number): Executor;
}

/** One boot: its owner id and lease, its pools, and the sessions that it coordinates. */
export interface Host {
  readonly ports: EnginePorts;
  readonly live: Map<SessionId, LiveSession>;
  readonly tempRoot: string;
  /** Where a session's batches run. */
  poolFor(job: JobDefinition, policies: Pick<SessionPolicies, 'executor' | 'concurrency'>, single: boolean): Pool;
  open(onBeat: () => void): Promise<void>;
  /** Waits for groups at work, at most `graceMs`; then lets go of sessions, workers, lease and store. */
  close(graceMs: number): Promise<void>;
}

export function createHost(parts: HostParts): Host {
  const { store, clock, logger } = parts;
  let owner = newOwner();
  let tokens = 0;
  let lease: Lease | undefined;
  let closing = false;
  const live = new Map<SessionId, LiveSession>();
  const pools = new Map<string, Pool>();
  const groups = new Set<Promise<void>>();
  const persist = createPersist({ clock, logger, storeName: store.name });
  const actors = createEngineActors({
    batchLimit: 256,
    batchesInFlight: function* () {
      for (const { id, inFlight } of live.values())
        for (const { number, record } of inFlight) yield { ref: { sessionId: id, number }, record };
    },
    onSessionError: (id, error) => stopSession(live.get(id), error),
    onInspectorError: (error) => logger.error({ error: errorInfo(error).message }, 'inspector threw and was detached'),
  });
  const ports: EnginePorts = {
    store,
    clock,
    logger,
    persist,
    actors,
    random: parts.random,
    events: createEventBus(),
    writer: createWriter({ store, persist, owner: () => owner }),
    owner: () => owner,
    newToken: () => `${owner}:${(tokens++).toString(36)}` as Token,
  };

  const run = async (pool: Pool, { feed, batches, release }: PulledGroup): Promise<void> => {
    const { session } = feed;
    if (!pool.executor.supports.kill) await lease?.stretch(session.policies.limits.timeoutMs ?? blockingMs);
    const group = dispatch(session, batches, release);
    groups.add(group);
    await group;
    groups.delete(group);
    release();
  };
  const pool = (key: string, name: ExecutorName, slots: number): Pool => {
    const known = pools.get(key);
    if (known) return known;
    const made: Pool = createPool(parts.executors(name, slots), (pulled) => run(made, pulled));
    pools.set(key, made);
    return made;
  };
  const startLease = async (onBeat: () => void): Promise<void> => {
    await store.registerOwner(owner, parts.leaseMs);
    lease = keepLease({ store, clock, logger, owner, leaseMs: parts.leaseMs }, onBeat, () => {
      logger.error({ owner }, 'lease lost: another host may have taken over; this one begins anew');
      for (const session of live.values()) stopSession(session, new MillraceError('ENGINE_CLOSED', 'This host lost its lease.'));
      owner = newOwner();
      if (!closing)
        void startLease(onBeat).catch((error: unknown) =>
          logger.error({ error: errorInfo(error).message }, 'owner could not be registered'),
        );
    });
  };

  return {
    ports,
    live,
    tempRoot: join(tmpdir(), 'millrace'),
    poolFor(job, policies, single) {
      if (job.work.type === 'in-place')
        return pool(`in-place:${job.name}:${policies.concurrency}`, 'inline', policies.concurrency);
      const name = single ? 'inline' : (policies.executor ?? parts.executor);
      return pool(name, name, 1);
    },
    open: startLease,
    async close(graceMs) {
      closing = true;
      for (const { scheduler } of pools.values()) scheduler.close();
      await within(clock, graceMs, Promise.allSettled(groups));
      persist.close();
      for (const session of live.values()) {
        session.stop ??= { type: 'leave' };
        session.onAnswer(undefined);
      }
      await Promise.allSettled([...live.values()].map((session) => session.ended.promise));
      await ports.writer.idle();
      lease?.stop();
      await Promise.all([...pools.values()].map((one) => one.close()));
      actors.stop();
      await store.removeOwner(owner);
      await store.close();
    },
  };
}

/** How long inline work may block the loop, and with it the heartbeat, when it has no `timeout`. */
const blockingMs = 3_600_000;

function newOwner(): OwnerId {
  return randomUUID().replaceAll('-', '').slice(0, 12) as OwnerId;
}

/** Gives a session up here: whoever waits for it learns why, and another host may take it on. */
function stopSession(session: LiveSession | undefined, error: unknown): void {
  if (!session) return;
  session.logger.error({ error: errorInfo(error).message }, 'session crashed here');
  session.stop ??= { type: 'leave' };
  session.onAnswer(undefined);
}

function within(clock: Clock, ms: number, promise: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    void promise.finally(() => {
      cancel();
      resolve();
    });
  });
}
