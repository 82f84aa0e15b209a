import { rm } from 'node:fs/promises';
import { errorInfo } from '../../model/error-info.ts';
import { type ErrorInfo, MillraceError } from '../../model/errors.ts';
import type { Counts } from '../../model/outcome.ts';
import type { SessionRecord } from '../../model/records.ts';
import type { LiveSession } from '../live/live-session.ts';
import { moveSession } from '../live/move.ts';
import { stopRate } from '../live/rate.ts';
import { takeRequests } from '../live/requests.ts';
import { finalize } from './finalize.ts';
import { undo, wasFinalizedBefore } from './undo.ts';

/** Ends a session: through the barrier and finalize, or because it was stopped. Does nothing while it still has to wait. */
export async function endSession(session: LiveSession): Promise<void> {
  session.ending = true;
  try {
    const record = session.stop ? await endStopped(session) : await endThrough(session);
    if (record) await letGo(session, record);
  } catch (thrown) {
    const { message } = errorInfo(thrown);
    session.logger.error({ error: message }, 'session could not be ended');
    await abandon(
      session,
      new MillraceError('ENGINE_CLOSED', `Session ${session.id} could not be ended here: ${message}`, { cause: thrown }),
    );
  }
  session.ending = session.over;
  // What was asked of it meanwhile.
  if (session.stop) session.onAnswer(undefined);
}

async function endStopped(session: LiveSession): Promise<SessionRecord | undefined> {
  const { stop } = session;
  if (stop && stop.type !== 'leave' && wasFinalizedBefore(session)) await undo(session);
  if (stop?.type === 'cancel')
    return orAbandon(
      session,
      await moveSession(session, { type: 'CANCEL' }, { cancelOpen: true, error: cancelled(stop.reason) }),
    );
  if (stop?.type === 'fail')
    return orAbandon(session, await moveSession(session, { type: 'FAIL' }, { cancelOpen: true, error: stop.error }));
  await abandon(session, new MillraceError('ENGINE_CLOSED', `This host let go of session ${session.id}; it can be resumed.`));
  return undefined;
}

/** Draining, the barrier, finalize: each move is refused by the store when it is not true there. */
async function endThrough(session: LiveSession): Promise<SessionRecord | undefined> {
  if (session.chart.state === 'running.streaming') {
    if (!(await orAbandon(session, await moveSession(session, { type: 'SOURCE_ENDED' })))) return undefined;
  }
  if (session.stop) return endStopped(session);
  if (session.paused) return undefined;
  if (session.chart.state === 'running.draining') {
    const { batches, items } = session.counts;
    const dead = batches.failed + batches.crashed + items.failed;
    const barrier = { type: 'BARRIER', total: ownBatches(session.counts), completed: batches.completed, dead } as const;
    const error = whyNothing(session.counts);
    const record = await moveSession(session, barrier, { requireNothingOpen: true, error });
    if (!record || record.state === 'failed') return record;
    takeRequests(session, record);
  }
  if (session.stop) return endStopped(session);
  if (session.paused) return undefined;
  const record = await finalize(session);
  return record || !session.stop ? orAbandon(session, record) : endStopped(session);
}

/** Batches that were this session's to run. A duplicate is one item and one batch: task ids name one item. */
function ownBatches({ batches, items }: Counts): number {
  return batches.total - (items.duplicate ?? 0);
}

/** What a session fails with whose batches all failed; `null` when some completed. The chart decides, this only words it. */
function whyNothing(counts: Counts): ErrorInfo | null {
  const { batches, items } = counts;
  const total = ownBatches(counts);
  if (total === 0 || batches.completed > 0) return null;
  const message = `All ${total} batches failed (${items.failed} items given up).`;
  return { name: 'SessionError', message, category: 'error', code: 'ALL_FAILED' };
}

function cancelled(reason: string): ErrorInfo {
  return { name: 'SessionError', message: reason, category: 'error', code: 'SESSION_CANCELLED' };
}

/** A refused move means that another host coordinates the session now, or that it is not where this host left it. */
async function orAbandon(session: LiveSession, record: SessionRecord | undefined): Promise<SessionRecord | undefined> {
  if (record) return record;
  const why =
    session.stop?.type === 'leave'
      ? `Another host coordinates session ${session.id} now.`
      : `The store refused to move session ${session.id} on from ${session.chart.state}; this host let go of it, and it can be resumed.`;
  await abandon(session, new MillraceError('ENGINE_CLOSED', why));
  return undefined;
}

async function letGo(session: LiveSession, record: SessionRecord): Promise<void> {
  await release(session);
  session.ended.resolve(record);
}

/** Lets go of a session that has not ended: another host may take it on at once, and whoever waits for it here learns why. */
export async function abandon(session: LiveSession, why: unknown): Promise<void> {
  const { store, persist } = session.ports;
  await release(session);
  try {
    // Fenced: when another host has it already, nothing is changed.
    await persist(() => store.leaveSession(session.id, session.epoch));
  } catch (thrown) {
    session.logger.error({ error: errorInfo(thrown).message }, 'session could not be given back');
  }
  session.ended.reject(why);
}

async function release(session: LiveSession): Promise<void> {
  session.over = true;
  session.cutting?.close();
  session.cancelDue?.();
  stopRate(session);
  session.pool.scheduler.remove(session.feed);
  session.ports.actors.dropSession(session.id);
  await removeFolder(session);
  session.ports.released$.next();
}

/** Those of hosts that were killed are swept with all that such a host left. */
async function removeFolder({ tempDirOf, epoch, logger }: LiveSession): Promise<void> {
  const folder = tempDirOf(epoch);
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    logger.warn({ folder, error: errorInfo(error).message }, 'temp folder could not be removed');
  }
}
