import type { SessionEvent } from '../../machines/session-machine.ts';
import type { ErrorInfo } from '../../model/errors.ts';
import type { MillraceEvent } from '../../model/events.ts';
import type { SessionRecord } from '../../model/records.ts';
import type { SessionWrite } from '../../model/store.ts';
import { stepSession } from './charts.ts';
import type { LiveSession } from './live-session.ts';

type Extras = Pick<SessionWrite, 'requireNothingOpen' | 'cancelOpen' | 'result' | 'error'>;

/**
 * Moves a session: the chart decides where to, the store makes it true, then the live actor and the listeners learn of it.
 * Answers the session's record, or undefined when the store refused: something is still open, or another host coordinates it now.
 */
export async function moveSession(
  session: LiveSession,
  event: SessionEvent,
  extras: Extras = {},
): Promise<SessionRecord | undefined> {
  const { store, persist } = session.ports;
  const next = stepSession(session.chart, event);
  if (!next) throw new Error(`The session chart does not answer ${event.type} in ${session.chart.state}.`);
  const write: SessionWrite = { id: session.id, epoch: session.epoch, from: session.chart.state, to: next.state, ...extras };
  const { moved, session: record } = await persist(() => store.moveSession(write));
  // A write that failed half-way may have been done all the same: then the session is where it was to go.
  const there = record?.epoch === session.epoch && record.state === next.state;
  if (!record || !(moved || there)) {
    if (record?.epoch !== session.epoch) session.stop = { type: 'leave' };
    return undefined;
  }
  session.chart = next;
  session.eventNumber = record.eventNumber;
  session.actor.send(event);
  announceMove(session, record);
  session.changed();
  return record;
}

function announceMove(session: LiveSession, record: SessionRecord): void {
  const { events } = session.ports;
  const at = record.endedAt ?? record.startedAt ?? record.createdAt;
  const facts = { sessionId: session.id, job: session.job.name, eventNumber: record.eventNumber, at };
  session.logger.info({ state: record.state, counts: record.counts }, `session ${record.state}`);
  if (events.wanted(session.id)) events.emit(eventOf(session, record, facts));
}

function eventOf(
  session: LiveSession,
  record: SessionRecord,
  facts: Pick<MillraceEvent, 'sessionId' | 'job' | 'eventNumber' | 'at'>,
): MillraceEvent {
  switch (record.state) {
    case 'pending':
    case 'running.streaming':
    case 'crashed':
      return { ...facts, type: 'session.started' };
    case 'running.draining':
      return { ...facts, type: 'session.draining', chunks: record.position.chunks };
    case 'finalizing':
      return { ...facts, type: 'session.finalizing', finalizeId: finalizeIdOf(session) };
    case 'completed':
      return { ...facts, type: 'session.completed' };
    case 'failed':
      return { ...facts, type: 'session.failed', error: record.error ?? unknownError };
    case 'cancelled':
      return { ...facts, type: 'session.cancelled', error: record.error ?? unknownError };
  }
}

const unknownError: ErrorInfo = { name: 'Error', message: 'No reason was recorded.', category: 'lost' };

/** The same for every try at finalize of one generation. */
export function finalizeIdOf({ id, generation }: Pick<LiveSession, 'id' | 'generation'>): string {
  return `${id}.${generation}`;
}
