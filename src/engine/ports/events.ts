import { channel } from 'node:diagnostics_channel';
import type { MillraceEvent } from '../../model/events.ts';
import type { SessionId } from '../../model/ids.ts';

/** Every event of every engine of this process: `diagnostics_channel.subscribe('millrace:event', ...)`. */
const diagnostics = channel('millrace:event');

type Listener = (event: MillraceEvent) => void;

/** Carries what happened to those who listen. Costs nothing while nobody does. */
export interface EventBus {
  /** Whether anybody wants a session's events. */
  wanted(id: SessionId): boolean;
  emit(event: MillraceEvent): void;
  subscribe(id: SessionId, listener: Listener): () => void;
}

export function createEventBus(): EventBus {
  const listeners = new Map<SessionId, Set<Listener>>();
  return {
    wanted: (id) => diagnostics.hasSubscribers || listeners.has(id),
    emit(event) {
      if (diagnostics.hasSubscribers) diagnostics.publish(event);
      for (const listener of listeners.get(event.sessionId) ?? []) listener(event);
    },
    subscribe(id, listener) {
      const ofSession = listeners.get(id) ?? new Set();
      ofSession.add(listener);
      listeners.set(id, ofSession);
      return () => {
        ofSession.delete(listener);
        if (ofSession.size === 0) listeners.delete(id);
      };
    },
  };
}
