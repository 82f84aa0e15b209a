import type { BatchEvent } from '../../machines/batch-machine.ts';
import type { ErrorInfo } from '../../model/errors.ts';
import type { LiveBatch } from '../live/live-batch.ts';
import type { LiveSession } from '../live/live-session.ts';
import { isOfCore, livingCore, range } from '../live/places.ts';
import { type Extras, type Settled, settleBy, settleGivenUp } from '../live/settled.ts';
import { itemLetter, wholeLetter } from './dead-letters.ts';
import { afterFound } from './isolate.ts';

const found: BatchEvent = { type: 'FOUND' };

/** Gives up an item that failed alone. The batch begins anew without it. */
export function settleFound(
  session: LiveSession,
  batch: LiveBatch,
  place: number,
  error: ErrorInfo,
  now: number,
  extras: Extras,
): Settled {
  const { isolation } = batch;
  if (!isolation) throw new Error(`Batch ${batch.number} was not being taken apart.`);
  if (!isOfCore(batch, place)) {
    // Its letter is written under the batch whose core it is in: whoever writes this settles that.
    return {
      ...settleBy(batch, found, now, { ...extras, error, isolation: { ...isolation, phase: 'rest', noted: null } }),
      died: [place],
    };
  }
  const living = (livingCore(session, batch) ?? range(0, batch.items)).filter((other) => other !== place);
  const letter = itemLetter(session, batch, { place, error });
  const next = afterFound(isolation, place, living);
  if (living.length === 0) {
    return { ...settleGivenUp(batch, error, { ...extras, isolation: null, deadLetters: [letter] }, now), died: [place] };
  }
  if (next === 'despair') {
    const deadLetters = [letter, wholeLetter(session, batch, error, living)];
    return { ...settleGivenUp(batch, error, { ...extras, isolation: null, deadLetters }, now), died: [place, ...living] };
  }
  const event: BatchEvent = { type: 'FOUND', probing: next.phase !== 'rest' };
  return { ...settleBy(batch, event, now, { ...extras, error, isolation: next, deadLetters: [letter] }), died: [place] };
}
