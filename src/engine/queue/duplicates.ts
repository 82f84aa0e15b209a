import { durationMs } from '../../model/duration.ts';
import type { JobDefinition } from '../../model/job.ts';
import { openBatchStates } from '../../model/moves.ts';
import type { TaskDedupe } from '../../model/store.ts';
import { announceDuplicate } from '../live/announce.ts';
import { batchDriver } from '../live/charts.ts';
import type { LiveBatch } from '../live/live-batch.ts';
import type { LiveSession } from '../live/live-session.ts';
import type { PartAnswer } from '../ports/commit.ts';

/** The job's rule for duplicates as stores take it. */
export function dedupeOf({ dedupe }: JobDefinition): { readonly dedupe?: TaskDedupe } {
  if (!dedupe) return {};
  const { window, states = openBatchStates } = dedupe;
  return { dedupe: { windowMs: durationMs(window, 'dedupe.window', 1), states } };
}

/** Lets go of the batches that the store enqueued as duplicates: it has cancelled them already. */
export function dropDuplicates(session: LiveSession, batches: readonly LiveBatch[], answer: PartAnswer): void {
  const { duplicates } = answer.session;
  if (!duplicates) return;
  const mine = new Map(batches.map((batch) => [batch.number, batch]));
  for (const duplicate of duplicates) {
    const batch = mine.get(duplicate.number);
    const cancelled = batch && batchDriver.step(batch.record, { type: 'CANCEL' });
    if (!cancelled) continue;
    batch.record = cancelled;
    announceDuplicate(session, batch, duplicate, answer);
  }
  session.ready = session.ready.filter((batch) => !isDropped(batch));
}

/** Whether a batch was let go of as a duplicate: its claim is refused, and that says nothing. */
export function isDropped({ record }: LiveBatch): boolean {
  return record.state === 'cancelled';
}
