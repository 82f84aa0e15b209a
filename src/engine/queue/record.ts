import { errorInfo } from '../../model/error-info.ts';
import type { Position } from '../../model/records.ts';
import { announceEnqueued } from '../live/announce.ts';
import type { LiveBatch } from '../live/live-batch.ts';
import type { LiveSession } from '../live/live-session.ts';
import { moveSession } from '../live/move.ts';
import type { Enqueue } from '../ports/commit.ts';
import { dedupeOf, dropDuplicates } from './duplicates.ts';

/**
 * Records those of the batches that the store does not have yet, and how far the source has been cut with them.
 * The write is under way when this returns: writes keep their order, so each enqueue begins where the last one ended.
 *
 * @param end - Where the source ended, when it has: recorded with the last batches, or alone.
 */
export function record(session: LiveSession, batches: readonly LiveBatch[], end?: Position): void {
  const rows = batches.map(({ unrecorded }) => unrecorded).filter((row) => row !== null);
  const last = rows.at(-1);
  if (!last && !end) return;
  for (const batch of batches) batch.unrecorded = null;
  const reached = last && { chunks: last.number + 1, items: last.first + Math.max(last.items, 1), ended: false };
  const position = end ?? reached;
  if (position) void write(session, [...batches], { batches: rows, position, ...dedupeOf(session.job) });
}

async function write(session: LiveSession, batches: readonly LiveBatch[], enqueue: Enqueue): Promise<void> {
  session.recording++;
  try {
    const answer = await session.ports.writer.submit({ sessionId: session.id, epoch: session.epoch, enqueue });
    if (answer.session.enqueued) {
      session.position = enqueue.position;
      announceEnqueued(session, answer);
      dropDuplicates(session, batches, answer);
    } else {
      // Another host coordinates the session now.
      session.stop ??= { type: 'leave' };
    }
    session.onAnswer(answer);
    if (enqueue.position.ended && !session.stop) await moveSession(session, { type: 'SOURCE_ENDED' });
  } catch (thrown) {
    session.logger.error({ error: errorInfo(thrown).message }, 'chunks could not be recorded');
    session.stop ??= { type: 'fail', error: errorInfo(thrown) };
  }
  session.recording--;
  session.onAnswer(undefined);
}
