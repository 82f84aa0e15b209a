import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Subject } from 'rxjs';
import { createEngineActors, type EngineActors } from '../../machines/engine-actors.ts';
import type { Clock } from '../../model/clock.ts';
import { errorInfo } from '../../model/error-info.ts';
import { MillraceError } from '../../model/errors.ts';
import type { Executor } from '../../model/executor.ts';
import type { SessionId } from '../../model/ids.ts';
import type { ExecutorName } from '../../model/job.ts';
import type { Logger } from '../../model/logger.ts';
import type { Residue } from '../../model/residue.ts';
import type { Store } from '../../model/store.ts';
import { abandon } from '../end/ending.ts';
import type { LiveSession } from '../live/live-session.ts';
import { createWriter } from '../ports/commit.ts';
import { createEventBus } from '../ports/events.ts';
import { createPersist } from '../ports/persist.ts';
import type { EnginePorts } from '../ports/ports.ts';
import { createTending } from '../session/tend-sessions.ts';
import { createOwnership, type Ownership } from './ownership.ts';
import { createPools, type Pools } from './pools.ts';

/** What a host is made of: handed in, so that tests own time, chance and executors. */
export interface HostParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly leaseMs: number;
  readonly executor: ExecutorName;
  executors(name: ExecutorName, slots: number): Executor;
  /** Somebody here wants to be told how sessions end. @default nobody */
  readonly notifies?: boolean;
  /** What hosts leave behind. @default only temp folders, which nobody sweeps */
  readonly residue?: Residue;
}

/** One boot: its owner id and lease, its pools, and the sessions that it coordinates. */
export interface Host {
  readonly ports: EnginePorts;
  readonly live: Map<SessionId, LiveSession>;
  readonly residue: Residue;
  /** Where a session's batches run. */
  readonly poolFor: Pools['poolFor'];
  /** Where batches run that may have killed a host. */
  readonly refuge: Pools['refuge'];
  /** Sessions that are being recorded or adopted here: coordinated, and not live yet. */
  readonly arriving: Set<SessionId>;
  /** Enters the store. Each beat says which sessions this host had when its lease ran out, and has let go of since. */
  open(onBeat: (lost: readonly SessionId[]) => void): Promise<void>;
  /** Resolves when the store knows this host's owner: sessions are recorded under it. */
  registered(): Promise<void>;
  /**
   * Waits for groups at work and for sessions that are just being taken on, at most `graceMs`; then lets go of sessions, workers,
   * lease and store. `lastRound` is what is done when all sessions are gone.
   */
  close(graceMs: number, arrived: Promise<unknown>, lastRound: (graceMs: number) => Promise<void>): Promise<void>;
}

export function createHost(parts: HostParts): Host {
  const { store, clock, logger } = parts;
  const live = new Map<SessionId, LiveSession>();
  const residue = parts.residue ?? unswept();
  const persist = createPersist({ clock, logger, storeName: store.name });
  const ownership = createOwnership({ store, clock, logger, persist, leaseMs: parts.leaseMs });
  const actors = createActors(live, logger);
  const look: { now?: (() => void) | undefined } = {};
  const ports = createPorts({ ...parts, persist, ownership, actors, lookSoon: () => look.now?.() });
  const pools = createPools({ ...parts, stretchLease: ownership.stretch });
  const tend = createTending();
  /** Sessions that were let go of with a lease that ran out. */
  const lost: SessionId[] = [];

  return {
    ports,
    live,
    residue,
    poolFor: pools.poolFor,
    refuge: pools.refuge,
    registered: ownership.registered,
    arriving: new Set(),
    async open(onBeat) {
      const beat = (): void => {
        void tend(live.values());
        onBeat(lost.splice(0));
      };
      look.now = () => onBeat([]);
      await ownership.open(beat, () => {
        const held = [...live.values()];
        lost.push(...live.keys());
        for (const session of held) stopSession(session, new MillraceError('ENGINE_CLOSED', 'This host lost its lease.'));
        return allEnded(held);
      });
      await residue.sweep();
    },
    async close(graceMs, arrived, lastRound) {
      look.now = undefined;
      pools.halt();
      await within(clock, graceMs, Promise.all([quiet(pools, live), arrived]));
      persist.close();
      for (const session of live.values()) {
        leave(session);
      }
      await within(clock, lastWordsMs, Promise.all([arrived, allEnded(live.values())]));
      await Promise.all(
        [...live.values()].map((session) => abandon(session, new MillraceError('ENGINE_CLOSED', 'The engine was closed.'))),
      );
      try {
        await ports.writer.idle();
        await lastRound(lastWordsMs);
        await pools.close();
        actors.stop();
        await ownership.close();
      } finally {
        await residue.close();
        await store.close();
      }
    },
  };
}

interface PortParts
  extends Pick<HostParts, 'store' | 'clock' | 'logger' | 'random' | 'notifies'>,
    Pick<EnginePorts, 'lookSoon' | 'persist' | 'actors'> {
  readonly ownership: Ownership;
}

function createPorts({ store, clock, logger, random, notifies, persist, ownership, actors, lookSoon }: PortParts): EnginePorts {
  return {
    store,
    clock,
    logger,
    persist,
    actors,
    random,
    events: createEventBus(),
    writer: createWriter({ store, persist, owner: ownership.id }),
    owner: ownership.id,
    newToken: ownership.newToken,
    lookSoon,
    confirmOwner: ownership.confirm,
    claims: new Set(),
    released$: new Subject(),
    notifies: notifies === true,
    refused$: new Subject(),
  };
}

/** A folder for each user: the first one's is closed to all others. */
function unswept(): Residue {
  const uid = process.getuid?.();
  const root = join(tmpdir(), uid === undefined ? 'millrace' : `millrace-${uid}`);
  return { root, sweep: async () => undefined, close: async () => undefined };
}

/** How long work and callbacks that were aborted may take to listen. */
const lastWordsMs = 1_000;

/** Resolves when no batch runs and nothing is being finalized. */
async function quiet(pools: Pools, live: ReadonlyMap<SessionId, LiveSession>): Promise<void> {
  await pools.idle();
  await allEnded([...live.values()].filter(({ ending }) => ending));
}

function allEnded(sessions: Iterable<LiveSession>): Promise<unknown> {
  return Promise.allSettled([...sessions].map(({ ended }) => ended.promise));
}

/** Batches shown to an inspector at once: more than any machine has workers for. */
const mostShown = 256;

function createActors(live: ReadonlyMap<SessionId, LiveSession>, logger: Logger): EngineActors {
  return createEngineActors({
    batchLimit: mostShown,
    batchesInFlight: function* () {
      for (const { id, inFlight } of live.values()) {
        for (const { number, record } of inFlight) yield { ref: { sessionId: id, number }, record };
      }
    },
    onSessionError: (id, error) => stopSession(live.get(id), error),
    onInspectorError: (error) => logger.error({ error: errorInfo(error).message }, 'inspector threw and was detached'),
  });
}

/** Gives a session up here: whoever waits for it learns why, and another host may take it on. */
function stopSession(session: LiveSession | undefined, error: unknown): void {
  if (!session) return;
  session.logger.error({ error: errorInfo(error).message }, 'session crashed here');
  leave(session);
}

function leave(session: LiveSession): void {
  session.stop ??= { type: 'leave' };
  if (session.ending) session.abort.abort(new Error('The host lets go of the session.'));
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
