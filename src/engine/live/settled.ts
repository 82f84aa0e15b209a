import type { BatchEvent } from '../../machines/batch-machine.ts';
import { type ErrorInfo, workerNotStarted } from '../../model/errors.ts';
import type { BatchWrite } from '../../model/store.ts';
import { type BatchRec, stepAlike, stepBatch } from './charts.ts';
import type { LiveBatch } from './live-batch.ts';

/** What the chart made of an attempt: the batch's next record, and the write that makes it true. */
export interface Settled {
  readonly batch: LiveBatch;
  readonly event: BatchEvent;
  readonly before: BatchRec;
  readonly after: BatchRec;
  readonly write: BatchWrite;
  /** Places of items that this gives up, of the overlap too: others may have seen them. */
  readonly died?: readonly number[];
}

/** What a write brings along besides the move itself. */
export type Extras = Pick<
  BatchWrite,
  'remaining' | 'items' | 'hash' | 'output' | 'deadLetters' | 'error' | 'itemsCompleted' | 'counters' | 'ms' | 'isolation'
>;

/** Moves a batch by an event, and says what is to be written. */
export function settleBy(batch: LiveBatch, event: BatchEvent, now: number, extras: Extras): Settled {
  return settled(batch, event, stepBatch(batch.record, event), now, extras);
}

const completed: BatchEvent = { type: 'COMPLETE' };
const stepCompleted = stepAlike(completed);

/** Most batches end so: it is decided once for all that stand at the very same record. */
export function settleComplete(batch: LiveBatch, extras: Extras, now: number): Settled {
  return settled(batch, completed, stepCompleted(batch.record), now, extras);
}

/** Hands a batch back uncharged: nobody is to blame, or nobody can be told to be. */
export function settleRelease(batch: LiveBatch, suspect: boolean, now: number, extras: Extras = {}): Settled {
  return settleBy(batch, { type: 'RELEASE', suspect }, now, extras);
}

/** A run died, and the search for what did it goes on as `extras.isolation` says. */
export function settleSearching(batch: LiveBatch, error: ErrorInfo, now: number, extras: Extras): Settled {
  const type = isCrash(error) ? 'CRASH' : 'FAIL';
  return settleBy(batch, { type, retryable: false, retryAt: now, isolatable: true }, now, { ...extras, error });
}

/** Nothing follows an attempt: what is left of the batch is given up. Items of earlier attempts are done, and stay done. */
export function settleGivenUp(batch: LiveBatch, error: ErrorInfo | null, extras: Extras, now: number): Settled {
  const isRescued = batch.record.state === 'crashed.deciding';
  if (batch.completed + (extras.itemsCompleted ?? 0) > 0 && !isRescued) return settleComplete(batch, { ...extras, error }, now);
  const type = isRescued ? 'DECIDE' : error && isCrash(error) ? 'CRASH' : 'FAIL';
  return settleBy(batch, { type, retryable: false, retryAt: now }, now, { ...extras, error });
}

function settled(batch: LiveBatch, event: BatchEvent, after: BatchRec, now: number, extras: Extras): Settled {
  const before = batch.record;
  const { retryAt, attempt, suspect } = after.context;
  const write: { -readonly [Key in keyof BatchWrite]: BatchWrite[Key] } = {
    number: batch.number,
    from: before.state,
    to: after.state,
    attempt,
    ...extras,
  };
  if (batch.token !== null) write.token = batch.token;
  if (suspect) write.suspect = true;
  if (retryAt !== null) write.retryInMs = Math.max(0, retryAt - now);
  return { batch, event, before, after, write };
}

/** Whether it ends a worker, or takes as long as it is let: then trying the whole again only loses time. A worker that never began may next time. */
export function endsWorker({ category, code }: ErrorInfo): boolean {
  return code !== workerNotStarted && ['exit', 'oom', 'signal', 'timeout', 'stalled', 'lost'].includes(category);
}

/** Whether what is searched for throws, as far as is known: then its runs need no worker of their own. */
export function searchesThrow({ isolation }: LiveBatch): boolean {
  return isolation !== null && !endsWorker(isolation.error);
}

/** A worker that died or went silent crashed; work that threw or took too long failed. */
export function isCrash({ category }: ErrorInfo): boolean {
  return ['exit', 'oom', 'signal', 'stalled', 'lost', 'host-death'].includes(category);
}
