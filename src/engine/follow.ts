import { Observable } from 'rxjs';
import type { Clock } from '../model/clock.ts';
import { MillraceError } from '../model/errors.ts';
import type { SessionId } from '../model/ids.ts';
import { isEndedSession } from '../model/moves.ts';
import type { SessionRecord } from '../model/records.ts';
import type { Store } from '../model/store.ts';
import type { LiveSession } from './live-session.ts';
import type { LiveValue } from './live-stream.ts';
import type { ProgressSource } from './progress.ts';

/** How a handle follows its session, wherever it runs. */
export interface Follow {
  current(): ProgressSource;
  /** Something changed; completes when the session has ended. */
  readonly changes$: Observable<void>;
  ended(): Promise<SessionRecord>;
}

/** Follows a session that this host coordinates: every answer of the store is a change. */
export function followLive(session: LiveSession, live: LiveValue): Follow {
  return {
    current: () => ({
      state: session.chart.state,
      paused: session.paused,
      counts: session.counts,
      counters: session.counters,
      position: session.position,
    }),
    changes$: live.changes$,
    ended: () => session.ended.promise,
  };
}

/** How often a session of another host is looked at. */
const lookEveryMs = 500;

/** Follows a session by looking into the store: it has ended, or another host coordinates it. Looks only while somebody waits. */
export function followStored(record: SessionRecord, ports: { store: Store; clock: Clock; closed: AbortSignal }): Follow {
  let latest = record;
  const look = async (id: SessionId): Promise<void> => {
    const seen = await ports.store.getSession(id);
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
    next();
    return () => cancel?.();
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
