import { type AnyActorRef, createActor, type SnapshotFrom, type Subscription } from 'xstate';
import { MillraceError } from '../model/errors.ts';
import type { BatchRef, SessionId } from '../model/ids.ts';
import type { BatchEvent } from './batch-machine.ts';
import { countInspection, type Inspector } from './counted-inspection.ts';
import { flatStateOf, stateValueOf } from './flat-state.ts';
import { neverFails, type ParentActor, parentLogic } from './parent-actor.ts';
import type { RecordOf } from './record-driver.ts';
import { type SessionEvent, type SessionInput, sessionMachine } from './session-machine.ts';
import { type BatchChart, type PlacedBatch, type WatchedBatches, watchBatches } from './watched-batches.ts';

/** A session as a record: where a resumed one goes on. */
export type SessionChart = RecordOf<typeof sessionMachine>;

/** A session's live actor. */
export interface SessionActor {
  /** Moves the session. Without effect where the chart does not answer, and once the session was dropped or cancelled. */
  send(event: SessionEvent): void;
  /** Where it stands now. */
  readonly snapshot: SessionChart;
}

/** The actors of one engine: its sessions, and while somebody watches, its batches in flight. */
export interface EngineActors {
  /** Starts a session's actor, anew or where a record stands. An actor of the same id is dropped first. */
  adoptSession(id: SessionId, from: SessionInput | SessionChart): SessionActor;
  /** Stops a session's actor, and those of its batches. */
  dropSession(id: SessionId): void;
  /** Tells of a batch's move, as `batchRecords.step(before, event)` did it. Costs nothing while nobody watches. */
  batchMoved(ref: BatchRef, before: BatchChart, event: BatchEvent): void;
  /** What inspectors attach to, at any time: a late one first gets a picture of the actors that exist. */
  readonly system: { inspect(inspector: Inspector): Subscription };
  /** Stops every actor and ends every subscription. */
  stop(): void;
}

export interface EngineActorsOptions {
  /** Actors for batches in flight at once: the engine's slots. Batches beyond are not shown. */
  readonly batchLimit: number;
  /** The batches in flight now: asked when the first inspector attaches. */
  readonly batchesInFlight: () => Iterable<PlacedBatch>;
  /** A chart of this session threw. Its actor has stopped; the session must end as crashed. */
  readonly onSessionError: (id: SessionId, error: unknown) => void;
  /** An inspector threw, and was detached. */
  readonly onInspectorError: (error: unknown) => void;
}

/** Makes one engine's root actor. Two engines share nothing. */
export function createEngineActors(options: EngineActorsOptions): EngineActors {
  const root = startRoot();
  const sessions = new Map<SessionId, AnyActorRef>();
  let batches: WatchedBatches | undefined;
  let stopped = false;

  const inspection = countInspection(root.ref, {
    onWatched: () => {
      batches = watchBatches(root, options.batchesInFlight(), { limit: options.batchLimit, onError: options.onSessionError });
    },
    onUnwatched: () => {
      batches?.stop();
      batches = undefined;
    },
    actors: () => [root.ref, ...sessions.values(), ...(batches?.actors() ?? [])],
    onInspectorError: options.onInspectorError,
  });

  const dropSession = (id: SessionId): void => {
    const actor = sessions.get(id);
    sessions.delete(id);
    batches?.dropSession(id);
    if (actor) root.drop(actor);
  };

  return {
    adoptSession(id, from) {
      if (stopped)
        throw new MillraceError('ENGINE_CLOSED', `Session ${id} can't be adopted: the engine's actors have been stopped.`);
      dropSession(id);
      const actor = root.adopt(sessionMachine, { id, ...beginning(from), onError: (error) => options.onSessionError(id, error) });
      sessions.set(id, actor);
      return sessionActor(actor);
    },
    dropSession,
    batchMoved: (ref, before, event) => batches?.moved(ref, before, event),
    system: { inspect: (inspector) => inspection.inspect(inspector) },
    stop() {
      stopped = true;
      inspection.stop();
      for (const id of [...sessions.keys()]) dropSession(id);
      root.stop();
    },
  };
}

function startRoot(): ParentActor & { stop(): void } {
  const { logic, parentOf } = parentLogic();
  const actor = createActor(logic, { id: 'engine' });
  actor.subscribe({ error: neverFails });
  actor.start();
  return { ...parentOf(actor), stop: () => void actor.stop() };
}

function beginning(from: SessionInput | SessionChart) {
  if (!('state' in from)) return { input: from };
  return { snapshot: sessionMachine.resolveState({ value: stateValueOf(from.state), context: from.context }) };
}

function sessionActor(actor: AnyActorRef): SessionActor {
  const snapshot = (): SnapshotFrom<typeof sessionMachine> => actor.getSnapshot();
  return {
    send: (event) => {
      if (snapshot().status === 'active') actor.send(event);
    },
    get snapshot() {
      const { value, context } = snapshot();
      // The value is one of this chart's own.
      return { state: flatStateOf(value) as SessionChart['state'], context };
    },
  };
}
