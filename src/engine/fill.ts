import { errorInfo } from '../model/error-info.ts';
import { MillraceError } from '../model/errors.ts';
import { batchDriver } from './charts.ts';
import type { PartAnswer } from './commit.ts';
import type { PlannedGroup } from './cut.ts';
import { fromPlan, type LiveBatch } from './live-batch.ts';
import type { LiveSession } from './live-session.ts';
import { moveSession } from './move.ts';

/** Chunks read ahead at least: one group more than what is being taken. */
const readAheadAtLeast = 16;
/** Slices are a few bytes each, and stored anyway: cutting well ahead tells early how many there are. */
const slicesAhead = 1_024;

/** Keeps one group cut, recorded and ready ahead of the scheduler. Reading never occupies a slot. */
export function fill(session: LiveSession): void {
  const { cutting } = session;
  const highWater = session.job.slices ? slicesAhead : Math.max(readAheadAtLeast, session.groupSize.current() * 2);
  if (!cutting || session.filling || session.stop || session.sourceFailure || session.paused || session.position.ended) return;
  if (session.ready.length >= highWater) return;
  session.filling = true;
  void recordNext(session, cutting.take(highWater));
}

async function recordNext(session: LiveSession, taken: PlannedGroup | Promise<PlannedGroup>): Promise<void> {
  try {
    const group = taken instanceof Promise ? await taken : taken;
    if (!session.stop) session.onAnswer(await record(session, group));
    if (session.position.ended && !session.stop) await moveSession(session, { type: 'SOURCE_ENDED' });
  } catch (thrown) {
    session.logger.error({ error: errorInfo(thrown).message }, 'chunks could not be recorded');
    session.stop ??= { type: 'leave' };
  }
  session.filling = false;
  session.onAnswer(undefined);
}

/** A failure of the source counts once what was cut before it has ended: `advance` sees to that. */
async function record(session: LiveSession, { batches, position, failure }: PlannedGroup): Promise<PartAnswer | undefined> {
  if (failure) session.sourceFailure = sourceError(session, failure.thrown);
  if (failure && batches.length === 0) return undefined;
  const cut = failure ? { ...position, ended: false } : position;
  const answer = await session.ports.writer.submit({
    sessionId: session.id,
    epoch: session.epoch,
    enqueue: { batches: batches.map(({ row }) => row), position: cut },
  });
  if (answer.session.enqueued) {
    session.position = cut;
    const fresh = batchDriver.start({ maxAttempts: session.policies.attempts, canIsolate: false });
    for (const planned of batches) session.ready.push(fromPlan(planned, fresh));
    announceEnqueued(session, batches.length, answer.firstEvent.enqueue, answer.now);
  } else {
    session.stop ??= { type: 'leave' };
  }
  return answer;
}

function announceEnqueued(session: LiveSession, count: number, eventNumber: number, at: number): void {
  const { events } = session.ports;
  if (events.wanted(session.id))
    events.emit({ type: 'batches.enqueued', sessionId: session.id, job: session.job.name, eventNumber, at, count });
}

/** What the source threw, under the code of its cause where Millrace knows it. */
export function sourceError(session: LiveSession, thrown: unknown) {
  const info = errorInfo(thrown);
  const code = thrown instanceof MillraceError ? thrown.code : 'SOURCE_FAILED';
  const message = `The source of job ${session.job.name} failed behind ${session.position.items} items: ${info.message}`;
  return { ...info, message, code, cause: info };
}

/** The batches that go to a lane together: suspects go alone. */
export function takeReady(session: LiveSession, limit: number): readonly LiveBatch[] {
  if (session.stop || session.paused || session.ending) return [];
  const firstSuspect = session.ready.findIndex((batch) => batch.record.context.suspect);
  const upTo = firstSuspect === 0 ? 1 : firstSuspect > 0 ? Math.min(firstSuspect, limit) : limit;
  const taken = session.ready.splice(0, upTo);
  fill(session);
  return taken;
}
