import type { ErrorInfo } from '../../model/errors.ts';
import type { LiveBatch } from '../live/live-batch.ts';
import type { LiveSession } from '../live/live-session.ts';
import { livingCore, range } from '../live/places.ts';
import { type Extras, type Settled, settleGivenUp } from '../live/settled.ts';
import { itemsGivenUp, wholeLetter } from './dead-letters.ts';

/** Given up for good, all of the batch that has not ended is one dead letter. */
export function giveUpWhole(session: LiveSession, batch: LiveBatch, error: ErrorInfo, now: number, extras: Extras = {}): Settled {
  const items = batch.input.type === 'slice' ? { items: itemsGivenUp(batch) } : {};
  const died = livingCore(session, batch) ?? range(0, itemsGivenUp(batch));
  const deadLetters = [...(extras.deadLetters ?? []), wholeLetter(session, batch, error)];
  return { ...settleGivenUp(batch, error, { ...extras, ...items, deadLetters }, now), died };
}
