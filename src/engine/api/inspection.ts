/**
 * What an inspector is told, in the form of XState 5: `@xstate.actor`, `@xstate.event`, `@xstate.snapshot` and so on.
 *
 * Said here by shape, and not by XState's own types: those would make every user's compiler read them.
 */
export interface InspectedEvent {
  readonly type: string;
  /** The id of the engine's root actor. */
  readonly rootId: string;
  /** The actor that it is about. */
  readonly actorRef: { readonly sessionId: string };
  /** What the actor was sent, where the event tells of that. */
  readonly event?: { readonly type: string };
  /** Where the actor stands, where the event tells of that. */
  readonly snapshot?: object;
}

/**
 * Who watches: an observer, or a function. Written as methods, so that what takes XState's `InspectionEvent` fits as well:
 * every event that comes is one.
 */
export type Inspector =
  | { next?(event: InspectedEvent): void; error?(error: unknown): void; complete?(): void }
  | { watch(event: InspectedEvent): void }['watch'];

/** What XState inspectors attach to. */
export interface EngineSystem {
  /** Shows sessions and the batches in flight, from now on; first comes a picture of what is there. */
  inspect(inspector: Inspector): { unsubscribe(): void };
}
