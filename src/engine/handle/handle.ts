import { isDeepStrictEqual } from 'node:util';
import { distinctUntilChanged, map, Observable, throttleTime } from 'rxjs';
import { checkOptionNames } from '../../model/check-option-names.ts';
import { copyPayload, decode } from '../../model/codec.ts';
import { durationMs } from '../../model/duration.ts';
import { type ErrorCode, MillraceError, SessionError } from '../../model/errors.ts';
import type { MillraceEvent } from '../../model/events.ts';
import type { SessionId } from '../../model/ids.ts';
import { isInstance } from '../../model/is-instance.ts';
import { isEndedSession } from '../../model/moves.ts';
import type { SessionRecord } from '../../model/records.ts';
import type { SessionRequest } from '../../model/store.ts';
import { createProgressMeter } from '../api/progress.ts';
import type { LetterQuery, Progress, Session, SessionView } from '../api/session.ts';
import { ownOutputsOf, readOutputs } from '../live/outputs.ts';
import { outcomeOf, pages, viewOf } from '../live/view.ts';
import type { EnginePorts } from '../ports/ports.ts';
import type { Follow } from './follow.ts';
import { iterate } from './live-stream.ts';

/** What a handle needs to know of the session it stands for. */
export interface HandleParts {
  readonly ports: EnginePorts;
  /** The session as it was when the handle was made. */
  readonly record: SessionRecord;
  readonly started: boolean;
  /** Aborts when the engine is closed. */
  readonly closed: AbortSignal;
  kind(): Promise<'each' | 'chunk'>;
  readonly follow: Follow;
  /** Tells the host that coordinates the session, if it is this one, that something was asked of it. */
  requested(asked: SessionRequest, record: SessionRecord): void;
  orphaned(record: SessionRecord): Promise<boolean>;
  /** Why nothing of the session moves, though the store answers; null when it moves. */
  waitingFor(record: SessionRecord): Promise<string | null>;
  /** Opens the ended session again, in this host. */
  replay(which: LetterQuery): Promise<Session<unknown, unknown>>;
}

function resultOf({ result }: SessionRecord): unknown {
  return result === null ? undefined : decode(copyPayload(result));
}

/** A slip in a name would choose all of them. */
const letterQueryNames = { itemId: true, group: true } as const satisfies Record<keyof LetterQuery, true>;

/** Makes a handle on a session, live here, live elsewhere, or ended. */
export function createHandle<Result, Output>(parts: HandleParts): Session<Result, Output> {
  const { ports, started, follow, closed } = parts;
  const { id, key } = parts.record;
  const { store, clock, persist } = ports;
  const outcome = async ({ signal }: { signal?: AbortSignal } = {}) => {
    const record = await abortable(follow.ended(), signal);
    try {
      return outcomeOf<Result>(record, await persist(() => store.groupFailures(id, 20)));
    } catch (thrown) {
      throw closed.aborted ? closed.reason : thrown;
    }
  };
  const unlessClosed = <T>(answer: Promise<T>): Promise<T> =>
    answer.catch((thrown) => Promise.reject(closed.aborted ? tooLate(id, thrown) : thrown));
  const read = async (): Promise<SessionRecord> => {
    const record = await unlessClosed(store.getSession(id));
    if (!record) throw notFound(id);
    return record;
  };
  const request = async (asked: SessionRequest): Promise<void> => {
    const record = await unlessClosed(persist(() => store.requestSession(id, asked)));
    if (record) parts.requested(asked, record);
  };
  const session: Session<Result, Output> = {
    id,
    key,
    started,
    progress$: progressOf(follow, clock, 100),
    progress: ({ every = '250ms', signal } = {}) => iterate(progressOf(follow, clock, durationMs(every, 'every')), signal),
    events: ({ signal } = {}) => iterate(eventsOf(ports, id, follow), signal),
    outcome,
    async result() {
      const ended = await outcome();
      if (ended.status === 'completed') return ended.result;
      throw new SessionError(codeOf(ended.error.code, ended.status), id, ended.error);
    },
    async *outputs() {
      const { position } = await read();
      for await (const { values } of readOutputs(ownOutputsOf(store), id, await parts.kind(), 0, position.chunks - 1))
        yield* values as Output[];
    },
    deadLetters: (which = {}) => {
      checkOptionNames(which, 'deadLetters', letterQueryNames);
      return pages((after, limit) => unlessClosed(store.listDeadLetters({ ...which, sessionId: id, after, limit })));
    },
    async replay(which = {}) {
      checkOptionNames(which, 'replay', letterQueryNames);
      return (await unlessClosed(parts.replay(which))) as Session<Result, Output>;
    },
    async purgeDeadLetters(which = {}) {
      checkOptionNames(which, 'purgeDeadLetters', letterQueryNames);
      const { state } = await read();
      if (!isEndedSession(state)) throw stillLive(id, state);
      return persist(() => store.purgeDeadLetters({ ...which, sessionId: id }));
    },
    latestResult: async () => resultOf(await read()) as Result | undefined,
    state: () => readState(parts, read),
    pause: () => request({ paused: true }),
    unpause: () => request({ paused: false }),
    cancel: (reason = 'cancelled by the host') => request({ cancelReason: reason }),
    [Symbol.asyncDispose]: async () => {
      // Whoever joined did not start this run, and does not end it.
      if (!started) return;
      if (!isEndedSession((await read()).state)) await request({ cancelReason: 'its handle was disposed of' });
      // A closing engine is no failure of letting go.
      await follow.ended().catch(() => undefined);
    },
  };
  return session;
}

/** As the store has it; while that does not answer, as this host knows it. */
async function readState(parts: HandleParts, read: () => Promise<SessionRecord>): Promise<SessionView> {
  const { persist } = parts.ports;
  try {
    const record = await read();
    const waitingFor = persist.trouble() ?? (await parts.waitingFor(record));
    return viewOf(record, { orphaned: await parts.orphaned(record), waitingFor });
  } catch (thrown) {
    const waitingFor = persist.trouble();
    if (waitingFor === null) throw thrown;
    return viewOf({ ...parts.record, ...parts.follow.current() }, { orphaned: false, waitingFor });
  }
}

function notFound(id: SessionId): MillraceError {
  return new MillraceError('SESSION_NOT_FOUND', `Session ${id} is not in the store: it was pruned, or belongs to another store.`);
}

/** What a store says that was closed with its engine helps nobody. */
function tooLate(id: SessionId, thrown: unknown): unknown {
  if (!isInstance(thrown, MillraceError) || thrown.code !== 'STORE_FAILED') return thrown;
  const advice = 'Ask it before close(), or through a new engine on the same store.';
  return new MillraceError('ENGINE_CLOSED', `The engine of session ${id} has been closed. ${advice}`, { cause: thrown });
}

/** Who goes on with it must know what was given up. */
function stillLive(id: SessionId, state: string): MillraceError {
  return new MillraceError('SESSION_LIVE', `Session ${id} is ${state}: its dead letters can be purged once it has ended.`);
}

function progressOf(follow: Follow, clock: EnginePorts['clock'], everyMs: number): Observable<Progress> {
  const meter = createProgressMeter();
  return follow.changes$.pipe(
    throttleTime(everyMs, undefined, { leading: true, trailing: true }),
    map(() => meter.read(follow.current(), clock.now())),
    distinctUntilChanged(isSameProgress),
  );
}

/** Rate and time left change all the time, also when nothing happens. */
function isSameProgress(left: Progress, right: Progress): boolean {
  const facts = ({ status, paused, counts, counters, sourceEnded }: Progress) => [status, paused, counts, counters, sourceEnded];
  return isDeepStrictEqual(facts(left), facts(right));
}

function eventsOf(ports: EnginePorts, id: SessionId, follow: Follow): Observable<MillraceEvent> {
  return new Observable((observer) => {
    const unsubscribe = ports.events.subscribe(id, (event) => observer.next(event));
    const changes = follow.changes$.subscribe({ complete: () => observer.complete() });
    return () => {
      unsubscribe();
      changes.unsubscribe();
    };
  });
}

function codeOf(code: string | undefined, status: 'failed' | 'cancelled'): ErrorCode {
  const known: readonly ErrorCode[] = [
    'ALL_FAILED',
    'PARTIAL_FORBIDDEN',
    'SOURCE_FAILED',
    'SOURCE_NOT_ORDERED',
    'SOURCE_LOST',
    'HOST_KILLER',
    'INPUT_CHANGED',
    'COMBINE_FAILED',
    'FINALIZE_FAILED',
  ];
  return known.find((one) => one === code) ?? (status === 'cancelled' ? 'SESSION_CANCELLED' : 'SESSION_FAILED');
}

/** A promise that a signal can stop waiting for. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
