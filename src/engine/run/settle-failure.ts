import type { BatchEvent } from '../../machines/batch-machine.ts';
import type { ErrorInfo } from '../../model/errors.ts';
import type { LiveBatch } from '../live/live-batch.ts';
import type { LiveSession } from '../live/live-session.ts';
import { deadInSight, hasSeenDead, livingInSight } from '../live/places.ts';
import {
  type Extras,
  endsWorker,
  isCrash,
  type Settled,
  searchesThrow,
  settleBy,
  settleRelease,
  settleSearching,
} from '../live/settled.ts';
import { giveUpWhole } from './give-up.ts';
import { beginSearch, splitInto } from './isolate.ts';
import { backoffMs } from './retry.ts';
import { settleFound } from './settle-found.ts';
import { settleDeath, settleOvertaken } from './settle-probe.ts';
import { judge } from './verdict.ts';

/**
 * Settles an attempt that failed or crashed as a whole: it is tried again, or taken apart to find the item that did it, or given up.
 * What kills is taken apart at once, what throws after its last attempt.
 *
 * @param noted - The place of the item that was in hand, if that is known.
 */
export function settleFailure(
  session: LiveSession,
  batch: LiveBatch,
  thrown: ErrorInfo,
  now: number,
  extras: Extras = {},
  noted?: number,
): Settled {
  if (hasSeenDead(session, batch)) return settleOvertaken(batch, now, extras);
  const { retryable, error } = judge(session.job, thrown);
  if (thrown.category !== 'module') {
    if (batch.run?.type === 'probe' && searchesThrow(batch) && isUnproven(batch, error))
      return settleRelease(batch, true, now, extras);
    if (batch.run?.type === 'probe') return settleDeath(session, batch, error, now, extras, noted);
    if (batch.run?.type === 'piece') return settleDeadPiece(session, batch, error, now, extras);
  }
  const { attempt, maxAttempts, canIsolate } = batch.record.context;
  const isolatable = canIsolate && canSearch(session, batch, error);
  const after = backoffMs(session.policies.backoff, attempt, error, session.ports.random());
  const event: BatchEvent = {
    type: isCrash(error) ? 'CRASH' : 'FAIL',
    retryable: retryable && !(isolatable && endsWorker(error)),
    retryAt: now + after,
    isolatable,
  };
  if (event.retryable && attempt < maxAttempts) return settleBy(batch, event, now, { ...extras, error });
  if (!isolatable) {
    return isUnproven(batch, error) ? settleRelease(batch, true, now, extras) : giveUpWhole(session, batch, error, now, extras);
  }
  const suspects = livingInSight(session, batch);
  const isolation = beginSearch({ suspects, noted, before: batch.isolation, error, deadInSight: deadInSight(session, batch) });
  return settleBy(batch, event, now, { ...extras, error, isolation });
}

/** A piece killed, too: if it was one item, it is that one; else it is done in smaller ones. */
function settleDeadPiece(session: LiveSession, batch: LiveBatch, error: ErrorInfo, now: number, extras: Extras): Settled {
  const { isolation, run } = batch;
  const [only] = run?.places ?? [];
  if (!isolation || only === undefined) return giveUpWhole(session, batch, error, now, extras);
  const size = run?.places?.length ?? 1;
  if (size === 1) return settleFound(session, batch, only, error, now, extras);
  return settleSearching(batch, error, now, { ...extras, isolation: splitInto(isolation, Math.ceil(size / 2)) });
}

/** Whether one item of several may be to blame. `each` work that throws outside of an item (its `setup`) fails whatever is in the batch. */
function canSearch(session: LiveSession, batch: LiveBatch, error: ErrorInfo): boolean {
  if (error.category === 'module' || error.category === 'host-death') return false;
  if (session.kind === 'each' && !endsWorker(error)) return false;
  const isUnread = batch.input.type === 'slice' && batch.hash === null;
  return isUnread ? session.reads : livingInSight(session, batch).length > 1;
}

/**
 * Whether what ended the worker may have been left in it by a batch before: a timer, a socket, memory. Who would be given up for it runs
 * once more in a fresh worker first.
 */
function isUnproven({ record }: LiveBatch, { category }: ErrorInfo): boolean {
  return ['exit', 'oom', 'signal', 'lost'].includes(category) && !record.context.suspect;
}
