import type { ErrorInfo } from '../model/errors.ts';
import { itemsGivenUp, wholeLetter } from './dead-letters.ts';
import type { LiveBatch } from './live-batch.ts';
import type { LiveSession } from './live-session.ts';
import { livingCore, range } from './places.ts';
import { type Extras, type Settled, settleGivenUp } from './settled.ts';

/** Given up for good, all of the batch that has not ended is one dead letter. */
export function giveUpWhole(session: LiveSession, batch: LiveBatch, error: ErrorInfo, now: number, extras: Extras = {}): Settled {
  const items = batch.input.type === 'slice' ? { items: itemsGivenUp(batch) } : {};
  const died = livingCore(session, batch) ?? range(0, itemsGivenUp(batch));
  const deadLetters = [...(extras.deadLetters ?? []), wholeLetter(session, batch, error)];
  return { ...settleGivenUp(batch, error, { ...extras, ...items, deadLetters }, now), died };
}
