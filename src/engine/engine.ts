import { durationMs } from '../model/duration.ts';
import { MillraceError } from '../model/errors.ts';
import type { SessionId } from '../model/ids.ts';
import type { AnyJob, Job } from '../model/job.ts';
import type { SessionRecord } from '../model/records.ts';
import type { Store } from '../model/store.ts';
import type { Engine } from './api/api.ts';
import { createQueries } from './api/queries.ts';
import { createRetention } from './api/retention.ts';
import type { Session } from './api/session.ts';
import { createHost, type Host, type HostParts } from './host/host.ts';
import { healthOf } from './notify/health.ts';
import { createNotifications } from './notify/notifications.ts';
import type { AlertOptions, Notify } from './notify/notify-options.ts';
import { scheduleMethods } from './schedules/engine-methods.ts';
import { createSchedules } from './schedules/schedules.ts';
import { createSessionCache } from './session/session-cache.ts';
import { createCoordinator } from './start/coordinate.ts';
import { createRegistry } from './start/registry.ts';
import { createResumer } from './start/resume.ts';
import { startSession } from './start/start.ts';
import { listViews, pruneSessions } from './start/stored-sessions.ts';
import { createSweep } from './start/sweep.ts';

/** Everything an engine is made of: `createEngine` fills in the adapters. */
export interface EngineParts extends HostParts {
  readonly jobs: readonly AnyJob[];
  readonly resume: 'auto' | 'manual';
  readonly graceMs: number;
  /** How often to look for sessions that were kept long enough, and at the start. Absent: never. */
  readonly pruneEveryMs?: number;
  /** Is told how sessions ended, and of alerts. */
  readonly notify?: Notify;
  /** Absent: nobody looks. */
  readonly alerts?: AlertOptions;
}

/** Opens the store, takes a lease, and resumes what a dead host left behind. */
export async function openEngine(parts: EngineParts): Promise<Engine> {
  const registry = createRegistry(parts.jobs);
  const host = createHost({ ...parts, notifies: parts.notify !== undefined });
  const cache = createSessionCache();
  const closing = new AbortController();
  const closed = closing.signal;
  const coordinator = createCoordinator({ host, registry, cache, closed });
  const resumer = createResumer({ host, registry, coordinator, closed });
  const { store } = parts;

  const assertOpen = (): void => {
    if (closed.aborted) throw new MillraceError('ENGINE_CLOSED', 'The engine has been closed.');
  };
  const schedules = createSchedules({ host, coordinator, resumer, closed });
  const sweep = createSweep({ host, resumer, resume: parts.resume, closed });
  await enter(store, host, (lost) => void sweep(lost).then(schedules.look));
  await sweep();
  const retention = createRetention(host.ports, parts.pruneEveryMs, () => cache.clear());
  retention.start();
  const notifications = createNotifications(host.ports, parts);
  notifications.start();

  let closingDone: Promise<void> | undefined;
  const engine: Engine = {
    store,
    system: host.ports.actors.system,
    queries: createQueries(store, assertOpen),
    health: (options) => healthOf(store, options, assertOpen),
    async start<Input, Result, Output>(job: Job<Input, Result, Output>, input: NoInfer<Input>, options = {}) {
      assertOpen();
      try {
        const started = await startSession({ host, coordinator, resumer, closed }, registry.get(job), input, options);
        return started as Session<Result, Output>;
      } catch (thrown) {
        // What a store says that was closed meanwhile helps nobody.
        throw closed.aborted ? closed.reason : thrown;
      }
    },
    run: async (job, input, options) => (await engine.start(job, input, options)).outcome(),
    async find<Input, Result, Output>(job: Job<Input, Result, Output>, by: { id: string } | { key: string }) {
      assertOpen();
      const definition = registry.get(job);
      const record = 'id' in by ? await byId(by.id) : await store.findSession(job.name, by.key);
      if (!record || record.job !== job.name) return undefined;
      return coordinator.handle(cache.keep(record), definition, false) as Session<Result, Output>;
    },
    sessions(query = {}) {
      assertOpen();
      return listViews(store, query);
    },
    async resume(which) {
      assertOpen();
      return resumer.resumeAll({ ...which, held: true });
    },
    ...scheduleMethods({ schedules, registry, store, assertOpen }),
    async prune(which) {
      assertOpen();
      cache.clear();
      return pruneSessions(store, which);
    },
    close({ grace } = {}) {
      closingDone ??= (async () => {
        closing.abort(new MillraceError('ENGINE_CLOSED', 'The engine was closed; the session stays resumable.'));
        const underWay = Promise.all([resumer.idle(), schedules.stop(), retention.stop(), notifications.stop()]);
        await host.close(grace === undefined ? parts.graceMs : durationMs(grace, 'grace'), underWay, notifications.lastRound);
      })();
      return closingDone;
    },
    [Symbol.asyncDispose]: () => engine.close(),
  };

  async function byId(id: string): Promise<SessionRecord | undefined> {
    return cache.get(id as SessionId) ?? (await store.getSession(id as SessionId));
  }

  return engine;
}

async function enter(store: Store, host: Host, onBeat: Parameters<Host['open']>[0]): Promise<void> {
  await store.open();
  try {
    await host.open(onBeat);
  } catch (thrown) {
    await store.close();
    throw thrown;
  }
}
