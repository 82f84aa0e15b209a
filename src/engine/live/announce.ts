import type { ErrorInfo } from '../../model/errors.ts';
import type { MillraceEvent } from '../../model/events.ts';
import type { DuplicateTask } from '../../model/store.ts';
import type { PartAnswer } from '../ports/commit.ts';
import type { LiveBatch } from './live-batch.ts';
import { type LiveSession, taskIdOf } from './live-session.ts';
import type { Settled } from './settled.ts';

/** Tells of an enqueue, if anybody listens. */
export function announceEnqueued(session: LiveSession, { enqueueEvent, now: at }: PartAnswer): void {
  if (!enqueueEvent || !session.ports.events.wanted(session.id)) return;
  const { eventNumber, batches: count } = enqueueEvent;
  emit(session, { type: 'batches.enqueued', sessionId: session.id, job: session.job.name, eventNumber, at, count });
}

/** Tells of claims, if anybody listens. */
export function announceClaims(session: LiveSession, claimed: readonly LiveBatch[], answer: PartAnswer): void {
  if (!session.ports.events.wanted(session.id)) return;
  claimed.forEach((batch, index) => {
    emit(session, { ...batchFacts(session, batch, answer, answer.firstEvent.claims + index), type: 'batch.claimed' });
  });
}

/** Tells of batches that somebody else has, or had. */
export function announceSkipped(session: LiveSession, batches: readonly LiveBatch[], answer: PartAnswer): void {
  const { now } = answer;
  const newest = Math.max(session.eventNumber, answer.session.eventNumber);
  for (const batch of batches) {
    session.logger.warn({ batch: batch.number }, 'batch skipped: already processed');
    emit(session, { ...factsOf(session, batch, now, newest), type: 'batch.skipped', reason: 'already_processed' });
  }
}

/** Tells of batches whose task another batch has. The enqueue's event stands for them. */
export function announceDuplicate(session: LiveSession, batch: LiveBatch, { of }: DuplicateTask, answer: PartAnswer): void {
  const facts = factsOf(session, batch, answer.now, answer.enqueueEvent?.eventNumber ?? answer.session.eventNumber);
  session.logger.debug(
    { batch: batch.number, taskId: facts.taskId, original: `${of.sessionId}#${of.number}` },
    'duplicate task skipped',
  );
  emit(session, { ...facts, type: 'batch.skipped', reason: 'duplicate', of });
}

/** Tells, in log lines and events, how batches ended. A late answer changed nothing and is told as such. */
export function announceWrites(session: LiveSession, ended: readonly Settled[], answer: PartAnswer): void {
  const wanted = session.ports.events.wanted(session.id);
  let eventNumber = answer.firstEvent.writes;
  ended.forEach((one, index) => {
    if (!answer.written[index]) {
      session.logger.warn({ batch: one.batch.number, state: one.after.state }, 'batch answered too late; nothing was changed');
      return;
    }
    logEnd(session, one);
    if (wanted) emit(session, eventOf(one, batchFacts(session, one.batch, answer, eventNumber)));
    eventNumber++;
  });
}

type BatchFacts = ReturnType<typeof factsOf>;

function batchFacts(session: LiveSession, batch: LiveBatch, { now }: PartAnswer, eventNumber: number): BatchFacts {
  return factsOf(session, batch, now, eventNumber);
}

function factsOf(session: LiveSession, batch: LiveBatch, at: number, eventNumber: number) {
  const { attempt } = batch.record.context;
  return {
    sessionId: session.id,
    job: session.job.name,
    eventNumber,
    at,
    number: batch.number,
    taskId: taskIdOf(session, batch),
    attempt,
  };
}

function eventOf({ event, after, write }: Settled, facts: BatchFacts): MillraceEvent {
  const itemId = foundIn(write);
  switch (after.state) {
    case 'completed':
      return {
        ...facts,
        type: 'batch.completed',
        items: write.itemsCompleted ?? 0,
        ms: write.ms ?? 0,
        ...(write.cache?.hit && { cached: true }),
      };
    case 'pending':
      if (event.type === 'REOPEN') return { ...facts, type: 'batch.reopened' };
      if (event.type !== 'FOUND' || itemId === undefined) return { ...facts, type: 'batch.released' };
      return { ...facts, type: 'batch.found', itemId, error: write.error ?? unknownError };
    default:
      return {
        ...facts,
        type: after.state.startsWith('crashed') ? 'batch.crashed' : 'batch.failed',
        state: after.state,
        error: write.error ?? unknownError,
      };
  }
}

const unknownError: ErrorInfo = { name: 'Error', message: 'No reason was recorded.', category: 'lost' };

/** The item that a search ended with. */
function foundIn({ deadLetters }: Settled['write']): string | undefined {
  return deadLetters?.[0]?.itemId;
}

/** `grep 'batch crashed'`, `grep 'batch failed'`: the words are stable. */
function logEnd(session: LiveSession, { batch, event, after, write }: Settled): void {
  const taskId = taskIdOf(session, batch);
  const item = foundIn(write);
  if (event.type === 'FOUND' && item !== undefined) {
    const found = { batch: batch.number, taskId, item, error: write.error?.message };
    session.logger.warn(found, 'item given up: it failed alone');
    return;
  }
  if (after.state === 'completed' || after.state === 'pending') return;
  const facts = {
    batch: batch.number,
    taskId,
    state: after.state,
    attempt: after.context.attempt,
    error: write.error?.message,
  };
  session.logger.warn(facts, after.state.startsWith('crashed') ? 'batch crashed' : 'batch failed');
}

function emit(session: LiveSession, event: MillraceEvent): void {
  session.ports.events.emit(event);
}
