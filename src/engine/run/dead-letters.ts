import { checkText } from '../../model/check-job-definition.ts';
import { errorInfo } from '../../model/error-info.ts';
import type { ErrorInfo } from '../../model/errors.ts';
import type { ItemFailure } from '../../model/executor.ts';
import type { NewDeadLetter } from '../../model/store.ts';
import type { LiveBatch } from '../live/live-batch.ts';
import { type LiveSession, taskIdOf } from '../live/live-session.ts';
import { itemAt, livingCore, range } from '../live/places.ts';

/** The letter of one item that was given up. */
export function itemLetter(session: LiveSession, batch: LiveBatch, { place, error }: ItemFailure): NewDeadLetter {
  return {
    itemId: itemIdOf(session, batch, place),
    place,
    items: 1,
    taskId: taskIdOf(session, batch),
    error,
    attempts: batch.record.context.attempt,
  };
}

/** One letter for items that could not be told apart: all that had not ended, unless told otherwise. */
export function wholeLetter(
  session: LiveSession,
  batch: LiveBatch,
  error: ErrorInfo,
  places: readonly number[] = livingCore(session, batch) ?? range(0, itemsGivenUp(batch)),
): NewDeadLetter {
  const first = itemIdOf(session, batch, places[0] ?? 0);
  const last = itemIdOf(session, batch, places.at(-1) ?? 0);
  const itemId = places.length > 1 ? `${first}..${last}` : first;
  return {
    itemId,
    place: places[0] ?? 0,
    items: places.length,
    taskId: taskIdOf(session, batch),
    error,
    attempts: batch.record.context.attempt,
  };
}

/** Items of a batch that is given up whole. A slice that nobody could read counts as one: else nothing would seem to be missing. */
export function itemsGivenUp({ items }: LiveBatch): number {
  return Math.max(items, 1);
}

/** The job's name for an item; else its position in the input, or its batch and place where only the worker knows positions. */
function itemIdOf(session: LiveSession, batch: LiveBatch, place: number): string {
  if (batch.input.type === 'slice') return batch.items > 1 ? `${batch.number}.${place}` : `${batch.number}`;
  const position = `${batch.first + place}`;
  const { job, logger } = session;
  if (!job.itemId) return position;
  try {
    return checkText(job.itemId(itemAt(batch, place)), `${job.name}: itemId`);
  } catch (thrown) {
    // What is wrong with an item may well be what its name is made of. Its letter counts, whatever it is called.
    logger.warn({ item: position, error: errorInfo(thrown).message }, 'item is named by its position');
    return position;
  }
}
