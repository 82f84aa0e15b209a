import { concat, defer, EMPTY, Observable } from 'rxjs';
import { MillraceError } from '../../model/errors.ts';
import type { SessionId } from '../../model/ids.ts';
import { isEndedSession } from '../../model/moves.ts';
import type { SessionRecord } from '../../model/records.ts';
import type { ProgressSource } from '../api/progress.ts';
import type { LiveSession } from '../live/live-session.ts';
import type { EnginePorts } from '../ports/ports.ts';
import type { LiveValue } from './live-stream.ts';

/** How a handle follows its session, wherever it runs. */
export interface Follow {
  current(): ProgressSource;
  /** Something changed; completes when the session has ended. */
  readonly changes$: Observable<void>;
  ended(): Promise<SessionRecord>;
}

/**
 * Follows a session that this host coordinates: every answer of the store is a change. When the host has let go of it, but
 * has not closed (its lease ran out, another host has it), the session goes on under whoever takes it on: in the store.
 */
export function followLive(session: LiveSession, live: LiveValue, ports: StoredPorts): Follow {
  let stored: Follow | undefined;
  const isLeft = (): boolean => session.stop?.type === 'leave' && !ports.closed.aborted;
  const inStore = (): Follow => {
    stored ??= followStored(session.recorded, ports);
    return stored;
  };
  return {
    current: () =>
      stored?.current() ?? {
        state: session.chart.state,
        paused: session.paused,
        counts: session.counts,
        counters: session.counters,
        position: session.position,
      },
    changes$: concat(
      live.changes$,
      defer(() => (session.over && isLeft() ? inStore().changes$ : EMPTY)),
    ),
    ended: () =>
      session.ended.promise.catch((why: unknown) => {
        if (!isLeft()) throw why;
        return inStore().ended();
      }),
  };
}

/** What a session in the store is followed with. */
type StoredPorts = Pick<EnginePorts, 'store' | 'clock' | 'persist' | 'refused$'> & { readonly closed: AbortSignal };

/** How often a session of another host is looked at. */
const lookEveryMs = 500;

/** Follows a session by looking into the store: it has ended, or another host coordinates it. Looks only while somebody waits. */
export function followStored(record: SessionRecord, ports: StoredPorts): Follow {
  let latest = record;
  const look = async (id: SessionId): Promise<void> => {
    const seen = await ports.persist(() => ports.store.getSession(id));
    if (!seen) throw new MillraceError('SESSION_NOT_FOUND', `Session ${id} is gone from the store.`);
    latest = seen;
  };
  const looks$ = new Observable<void>((observer) => {
    let cancel: (() => void) | undefined;
    const next = (): void => {
      if (observer.closed) return;
      observer.next();
      if (isEndedSession(latest.state)) observer.complete();
      else if (ports.closed.aborted) observer.error(ports.closed.reason);
      else
        cancel = ports.clock.after(lookEveryMs, () => void look(record.id).then(next, (error: unknown) => observer.error(error)));
    };
    const onClosed = (): void => observer.error(ports.closed.reason);
    const refusals = ports.refused$.subscribe(({ id, error }) => {
      if (id === record.id) observer.error(error);
    });
    ports.closed.addEventListener('abort', onClosed, { once: true });
    next();
    return () => {
      ports.closed.removeEventListener('abort', onClosed);
      cancel?.();
      refusals.unsubscribe();
    };
  });
  return {
    current: () => latest,
    changes$: looks$,
    ended: () =>
      new Promise((resolve, reject) => {
        looks$.subscribe({ complete: () => resolve(latest), error: reject });
      }),
  };
}
