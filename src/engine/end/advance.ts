import type { LiveSession } from '../live/live-session.ts';
import type { PartAnswer } from '../ports/commit.ts';
import { fill } from '../queue/fill.ts';
import { awaitDue } from '../run/retry-due.ts';
import { endSession } from './ending.ts';

/** What a session does after anything has changed: read on, wait for retries, or end. Never more than one of each at a time. */
export function advance(session: LiveSession, answer?: PartAnswer): void {
  if (session.ending || session.over) return;
  if (forbidden(session)) session.stop ??= { type: 'fail', error: partialForbidden(session) };
  if (session.sourceFailure && isSettled(session)) session.stop ??= { type: 'fail', error: session.sourceFailure };
  if (session.stop) {
    haltWork(session);
    if (session.groups === 0 && session.recording === 0 && !session.filling) void endSession(session);
    return;
  }
  if (session.paused) return;
  fill(session);
  if (answer) awaitDue(session, answer.session.nextDueAt, answer.now);
  session.pool.scheduler.wake(session.feed);
  if (isThrough(session)) void endSession(session);
}

/** Everything was cut, and nothing is open. Only a hint: the barrier itself is decided in the store. */
function isThrough(session: LiveSession): boolean {
  return session.position.ended && isSettled(session);
}

/** Nothing of what was cut is open. */
function isSettled(session: LiveSession): boolean {
  const { filling, recording, groups, ready, lowestOpen, position } = session;
  return !filling && recording === 0 && groups === 0 && ready.length === 0 && lowestOpen >= position.chunks;
}

function forbidden({ policies, counts }: LiveSession): boolean {
  return policies.partial === 'forbid' && counts.items.failed > 0;
}

function partialForbidden({ counts }: LiveSession) {
  const message = `${counts.items.failed} of ${counts.items.total} items failed, and the job allows no partial result.`;
  return { name: 'SessionError', message, category: 'error', code: 'PARTIAL_FORBIDDEN' } as const;
}

function haltWork(session: LiveSession): void {
  session.cutting?.close();
  session.cancelDue?.();
  session.pool.scheduler.remove(session.feed);
  session.ready = [];
  session.waiting.clear();
  const reason = abortReason(session);
  if (reason && !session.abort.signal.aborted) session.abort.abort(new Error(reason));
}

/** A failed session lets its running batches end: they may have had effects, and their outputs can be looked at. */
function abortReason({ stop }: LiveSession): string | undefined {
  if (stop?.type === 'cancel') return stop.reason;
  return stop?.type === 'leave' ? 'The host lets go of the session.' : undefined;
}
