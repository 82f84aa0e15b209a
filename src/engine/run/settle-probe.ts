import type { ErrorInfo } from '../../model/errors.ts';
import type { LiveBatch } from '../live/live-batch.ts';
import type { LiveSession } from '../live/live-session.ts';
import { deadInSight, livingCore, livingInSight, range } from '../live/places.ts';
import { type Extras, isCrash, type Settled, searchesThrow, settleBy, settleRelease, settleSearching } from '../live/settled.ts';
import { giveUpWhole } from './give-up.ts';
import { afterDeath, afterSurvival, beginSearch, type Finding, splitInto } from './isolate.ts';
import { backoffMs } from './retry.ts';
import { settleFound } from './settle-found.ts';
import { judge } from './verdict.ts';

/** A run of a search died, as the batch did. */
export function settleDeath(
  session: LiveSession,
  batch: LiveBatch,
  error: ErrorInfo,
  now: number,
  extras: Extras,
  noted: number | undefined,
): Settled {
  const { isolation, run } = batch;
  const ran = run?.places ?? [];
  if (isOvertaken(session, batch)) return settleOvertaken(batch, now, extras);
  // No item was run yet, and it died all the same: its slice can't even be read.
  if (!isolation || ran.length === 0) return giveUpWhole(session, batch, error, now, { ...extras, isolation: null });
  const finding = afterDeath(isolation, ran, noted);
  if (finding.type === 'narrowed') {
    return settleSearching(batch, error, now, { ...extras, isolation: finding.isolation });
  }
  return finding.type === 'found'
    ? settleFound(session, batch, finding.place, error, now, extras)
    : settleNobody(session, batch, now, extras);
}

/** A run of a search survived. */
export function settleSurvival(session: LiveSession, batch: LiveBatch, now: number, extras: Extras): Settled {
  const { isolation } = batch;
  if (!isolation) return settleRelease(batch, true, now, extras);
  if (isOvertaken(session, batch)) return settleOvertaken(batch, now, extras);
  const finding = findingOfSurvival(session, batch);
  if (finding.type === 'narrowed') {
    return settleRelease(batch, !searchesThrow(batch), now, { ...extras, isolation: finding.isolation });
  }
  return settleNobody(session, batch, now, extras);
}

/** A neighbour has found an item that this batch sees, too: it may have been that one. */
function isOvertaken(session: LiveSession, batch: LiveBatch): boolean {
  return batch.isolation !== null && deadInSight(session, batch) > batch.isolation.deadInSight;
}

/** An item that a run saw has died as part of a neighbour: the whole runs again without it. */
export function settleOvertaken(batch: LiveBatch, now: number, extras: Extras = {}): Settled {
  const isolation = batch.isolation && ({ ...batch.isolation, phase: 'rest', noted: null } as const);
  if (!isolation) return settleRelease(batch, false, now, extras);
  return settleBy(batch, { type: 'FOUND' }, now, { ...extras, isolation });
}

function findingOfSurvival(session: LiveSession, batch: LiveBatch): Finding {
  const { isolation, run } = batch;
  const living = livingInSight(session, batch);
  if (!isolation || living.length < 2) return { type: 'nobody' };
  const ran = run?.places ?? [];
  // The slice has been read, so that its items are known now.
  if (ran.length === 0) {
    return { type: 'narrowed', isolation: beginSearch({ ...isolation, suspects: living, before: isolation }) };
  }
  const { attempt, maxAttempts } = batch.record.context;
  // Not the item in hand: it may have been chance. Another attempt tells sooner than a search.
  if (isolation.phase === 'noted' && attempt < maxAttempts) return { type: 'nobody' };
  return afterSurvival(isolation, ran, living);
}

/** No single item is to blame: the whole is tried again; at last it is done in pieces, where pieces make a whole, or given up together. */
function settleNobody(session: LiveSession, batch: LiveBatch, now: number, extras: Extras): Settled {
  const { isolation } = batch;
  const error = isolation?.error;
  if (!isolation || !error) return settleRelease(batch, true, now, extras);
  const { attempt, maxAttempts } = batch.record.context;
  const rest = { ...isolation, phase: 'rest', noted: null, survived: true } as const;
  if (attempt < maxAttempts && judge(session.job, error).retryable) {
    const retryAt = now + backoffMs(session.policies.backoff, attempt, error, session.ports.random());
    const type = isCrash(error) ? 'CRASH' : 'FAIL';
    return settleBy(batch, { type, retryable: true, retryAt }, now, { ...extras, error, isolation: rest });
  }
  const core = livingCore(session, batch) ?? range(0, batch.items);
  if (core.length > 1 && makesWhole(session, batch)) {
    return settleSearching(batch, error, now, { ...extras, isolation: splitInto(rest, Math.ceil(core.length / 2)) });
  }
  return giveUpWhole(session, batch, error, now, { ...extras, isolation: null });
}

/** Whether outputs of pieces, joined, are the output of the whole: always for `each`; for `chunk` that is what `combine` promises. */
function makesWhole({ kind, job }: LiveSession, { input }: LiveBatch): boolean {
  const hasOverlap = input.type === 'items' && input.before.length + input.after.length > 0;
  return kind === 'each' || (job.combine !== undefined && !hasOverlap);
}
