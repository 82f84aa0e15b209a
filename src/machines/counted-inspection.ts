import type { AnyActorRef, InspectionEvent, Observer, Subscription } from 'xstate';

/** Who watches: a callback, or an observer whose `error` is told when its own `next` has thrown. */
export type Inspector = Observer<InspectionEvent> | ((event: InspectionEvent) => void);

export interface CountedInspection {
  inspect(inspector: Inspector): Subscription;
  /** Ends every subscription; `complete` is called, also for those who come later. */
  stop(): void;
}

export interface InspectionHooks {
  /** Called before the first watcher is attached. */
  onWatched(): void;
  /** Called when the last one has left. */
  onUnwatched(): void;
  /** The actors that exist: a late watcher gets a picture of them. */
  actors(): readonly AnyActorRef[];
  /** An inspector threw and has no `error` of its own. It is detached. */
  onInspectorError(error: unknown): void;
}

interface Watcher {
  readonly observer: Observer<InspectionEvent>;
  subscription: Subscription | undefined;
}

/**
 * Counts the watchers of an actor system, so that what is only made for them costs nothing without them.
 *
 * XState tells a late watcher nothing of the actors that exist; here it first gets `@xstate.actor` and `@xstate.snapshot` of each.
 * A watcher that throws is detached: it must not disturb what it watches.
 */
export function countInspection(root: AnyActorRef, hooks: InspectionHooks): CountedInspection {
  const watchers = new Set<Watcher>();
  let stopped = false;

  const leave = (watcher: Watcher): void => {
    watcher.subscription?.unsubscribe();
    if (watchers.delete(watcher) && watchers.size === 0) hooks.onUnwatched();
  };

  const tell = (watcher: Watcher, event: InspectionEvent): void => {
    if (!watchers.has(watcher)) return;
    try {
      watcher.observer.next?.(event);
    } catch (error) {
      leave(watcher);
      reportTo(watcher.observer, error, hooks);
    }
  };

  return {
    inspect(inspector) {
      const watcher: Watcher = {
        observer: typeof inspector === 'function' ? { next: inspector } : inspector,
        subscription: undefined,
      };
      if (stopped) {
        complete(watcher.observer, hooks);
        return { unsubscribe: () => undefined };
      }
      if (watchers.size === 0) hooks.onWatched();
      watchers.add(watcher);
      for (const event of pictureOf(root, hooks.actors())) tell(watcher, event);
      // Having thrown or left during the picture, it is not attached at all.
      if (watchers.has(watcher)) watcher.subscription = root.system.inspect((event) => tell(watcher, event));
      return { unsubscribe: () => leave(watcher) };
    },
    stop() {
      stopped = true;
      for (const watcher of [...watchers]) {
        leave(watcher);
        complete(watcher.observer, hooks);
      }
    },
  };
}

function complete(observer: Observer<InspectionEvent>, hooks: InspectionHooks): void {
  try {
    observer.complete?.();
  } catch (error) {
    reportTo(observer, error, hooks);
  }
}

function reportTo(observer: Observer<InspectionEvent>, error: unknown, hooks: InspectionHooks): void {
  try {
    if (observer.error) observer.error(error);
    else hooks.onInspectorError(error);
  } catch (second) {
    hooks.onInspectorError(second);
  }
}

/** What XState would have told of these actors, had the watcher been there. */
function* pictureOf(root: AnyActorRef, actors: readonly AnyActorRef[]): Generator<InspectionEvent> {
  for (const actorRef of actors) {
    const about = { rootId: root.sessionId, actorRef };
    yield { type: '@xstate.actor', ...about };
    yield { type: '@xstate.snapshot', ...about, event: { type: 'millrace.watched' }, snapshot: actorRef.getSnapshot() };
  }
}
