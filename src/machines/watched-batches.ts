import type { AnyActorRef } from 'xstate';
import type { BatchRef, SessionId } from '../model/ids.ts';
import { type BatchEvent, batchMachine } from './batch-machine.ts';
import { stateValueOf } from './flat-state.ts';
import { neverFails, type ParentActor, parentLogic } from './parent-actor.ts';
import type { RecordOf } from './record-driver.ts';

/** A batch as its record: what the engine moves. */
export type BatchChart = RecordOf<typeof batchMachine>;

/** A batch and where it stands. */
export interface PlacedBatch {
  readonly ref: BatchRef;
  readonly record: BatchChart;
}

/** In-flight batches as real actors, for as long as somebody watches. */
export interface WatchedBatches {
  /** The `batches` actor, and one for each batch in flight. */
  actors(): readonly AnyActorRef[];
  /** Repeats a record's move on its actor, which is made first if need be. */
  moved(ref: BatchRef, before: BatchChart, event: BatchEvent): void;
  dropSession(sessionId: SessionId): void;
  stop(): void;
}

export interface WatchedBatchesOptions {
  /** Actors at once; batches beyond are not shown. */
  readonly limit: number;
  readonly onError: (sessionId: SessionId, error: unknown) => void;
}

/** Makes the `batches` actor below a root, with an actor for each batch that is in flight now. */
export function watchBatches(root: ParentActor, seed: Iterable<PlacedBatch>, options: WatchedBatchesOptions): WatchedBatches {
  const { logic, parentOf } = parentLogic();
  const parent = parentOf(root.adopt(logic, { id: 'batches', onError: neverFails }));
  const shown = new Map<string, { readonly sessionId: SessionId; readonly actor: AnyActorRef }>();
  let stopped = false;

  const show = (ref: BatchRef, record: BatchChart): AnyActorRef | undefined => {
    if (stopped || shown.size >= options.limit) return undefined;
    const id = nameOf(ref);
    const snapshot = batchMachine.resolveState({ value: stateValueOf(record.state), context: record.context });
    const actor = parent.adopt(batchMachine, { id, snapshot, onError: (error) => options.onError(ref.sessionId, error) });
    // An observer that saw it start may have been the last one, and gone.
    if (stopped) parent.drop(actor);
    else shown.set(id, { sessionId: ref.sessionId, actor });
    return actor;
  };

  const hide = (id: string): void => {
    const actor = shown.get(id)?.actor;
    shown.delete(id);
    if (actor) parent.drop(actor);
  };

  for (const { ref, record } of seed) if (isInFlight(record.state)) show(ref, record);

  return {
    actors: () => [parent.ref, ...[...shown.values()].map(({ actor }) => actor)],
    moved(ref, before, event) {
      const id = nameOf(ref);
      const startsHere = isInFlight(before.state) || event.type === 'CLAIM';
      const actor = shown.get(id)?.actor ?? (startsHere ? show(ref, before) : undefined);
      if (actor?.getSnapshot().status === 'active') actor.send(event);
      if (!isInFlightActor(actor)) hide(id);
    },
    dropSession(sessionId) {
      for (const [id, batch] of shown) if (batch.sessionId === sessionId) hide(id);
    },
    stop() {
      stopped = true;
      for (const id of [...shown.keys()]) hide(id);
      root.drop(parent.ref);
    },
  };
}

function nameOf({ sessionId, number }: BatchRef): string {
  return `${sessionId}#${number}`;
}

/** Waiting batches live in the store, and there may be millions of them: only what runs is shown. */
function isInFlight(state: BatchChart['state']): boolean {
  return state === 'running' || state === 'failed.isolating' || state === 'crashed.isolating';
}

function isInFlightActor(actor: AnyActorRef | undefined): boolean {
  const snapshot = actor?.getSnapshot();
  return (
    snapshot?.status === 'active' &&
    (snapshot.matches('running') || snapshot.matches({ failed: 'isolating' }) || snapshot.matches({ crashed: 'isolating' }))
  );
}
