import { errorInfo } from '../../model/error-info.ts';
import type { MillraceEvent } from '../../model/events.ts';
import { isEndedSession } from '../../model/moves.ts';
import type { SessionRecord } from '../../model/records.ts';
import type { SessionRequest } from '../../model/store.ts';
import type { LiveSession } from './live-session.ts';
import { refresh } from './refresh.ts';

/** Takes over what anyone asked of a session, in whichever host. While finalizing, a cancel only aborts its signal. */
export function takeRequests(session: LiveSession, asked: Pick<SessionRecord, 'paused' | 'cancelReason'>): void {
  const { paused, cancelReason } = asked;
  if (paused !== session.paused) session.actor.send({ type: paused ? 'PAUSE' : 'UNPAUSE' });
  session.paused = paused;
  if (cancelReason === null) return;
  session.stop ??= { type: 'cancel', reason: cancelReason };
  const { signal } = session.abort;
  if (session.chart.state === 'finalizing' && !signal.aborted) session.abort.abort(new Error(cancelReason));
}

/** A request made in this host is answered at once, not with the session's next write. */
export function requestedHere(session: LiveSession, asked: SessionRequest, record: SessionRecord): void {
  // It came too late: nothing was recorded.
  if (isEndedSession(record.state)) return;
  takeRequests(session, record);
  // Answers under way that are older must not undo it.
  session.eventNumber = Math.max(session.eventNumber, record.eventNumber);
  announceRequest(session, asked, record.eventNumber);
  session.changed();
  session.onAnswer(undefined);
  if (asked.paused === false && !session.stop) {
    refresh(session).catch((thrown: unknown) => {
      session.logger.error({ error: errorInfo(thrown).message }, 'session could not be looked at');
    });
  }
}

function announceRequest(session: LiveSession, asked: SessionRequest, eventNumber: number): void {
  const { events, clock } = session.ports;
  const facts = { sessionId: session.id, job: session.job.name, eventNumber, at: clock.now() };
  const told: MillraceEvent[] = [];
  if (asked.paused !== undefined) told.push({ ...facts, type: asked.paused ? 'session.paused' : 'session.unpaused' });
  if (asked.cancelReason !== undefined) told.push({ ...facts, type: 'session.cancelling', reason: asked.cancelReason });
  for (const event of told) {
    session.logger.info({ ...asked }, event.type.replace('.', ' '));
    events.emit(event);
  }
}
