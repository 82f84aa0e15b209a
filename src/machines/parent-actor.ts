import {
  type ActorLogic,
  type ActorScope,
  type AnyActorLogic,
  type AnyActorRef,
  type AnyEventObject,
  createActor,
  type Snapshot,
} from 'xstate';

/** An actor that does nothing but have children. */
export interface ParentActor {
  readonly ref: AnyActorRef;
  /** Starts a child. Its errors go to `onError`, never to the process. */
  adopt(logic: AnyActorLogic, options: ChildOptions): AnyActorRef;
  /** Stops a child. One that has ended by itself is no error. */
  drop(child: AnyActorRef): void;
}

export interface ChildOptions {
  readonly id: string;
  /** Where the child stands; absent: `input` makes it. */
  readonly snapshot?: Snapshot<unknown>;
  readonly input?: unknown;
  readonly onError: (error: unknown) => void;
}

type ParentScope = ActorScope<Snapshot<undefined>, AnyEventObject>;

/**
 * Logic of a parent, with the scope that children are adopted in.
 *
 * A machine as parent would copy its children at every spawn (the cost grows with the living); this adopts and drops in O(1).
 */
export function parentLogic(): { readonly logic: AnyActorLogic; readonly parentOf: (ref: AnyActorRef) => ParentActor } {
  let scope: ParentScope | undefined;
  const logic: ActorLogic<Snapshot<undefined>, AnyEventObject> = {
    getInitialSnapshot: (own) => {
      scope = own;
      return { status: 'active', output: undefined, error: undefined };
    },
    // Children tell their parent that they are done or failed. Nothing follows from it here: whoever adopted them listens to them.
    transition: (snapshot) => snapshot,
    getPersistedSnapshot: (snapshot) => snapshot,
  };
  const parentOf = (ref: AnyActorRef): ParentActor => ({
    ref,
    adopt: (child, options) => adopt(ref, child, options),
    drop: (child) => scope?.stopChild(child),
  });
  return { logic, parentOf };
}

function adopt(parent: AnyActorRef, logic: AnyActorLogic, { onError, ...options }: ChildOptions): AnyActorRef {
  const child = createActor(logic, { ...options, parent });
  child.subscribe({ error: onError });
  return child.start();
}

/** A parent's logic has nothing that can throw; should XState itself fail, the process must hear of it. */
export function neverFails(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
