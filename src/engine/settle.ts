import type { BatchEvent } from '../machines/batch-machine.ts';
import { errorInfo } from '../model/error-info.ts';
import { type ErrorInfo, MillraceError } from '../model/errors.ts';
import type { ItemFailure, Reply } from '../model/executor.ts';
import type { BatchWrite } from '../model/store.ts';
import { type BatchRec, stepAlike, stepBatch } from './charts.ts';
import { itemLetter, itemsGivenUp, wholeLetter } from './dead-letters.ts';
import type { LiveBatch } from './live-batch.ts';
import type { LiveSession } from './live-session.ts';
import { backoffMs } from './retry.ts';
import { judge } from './verdict.ts';

/** What the chart made of an attempt: the batch's next record, and the write that makes it true. */
export interface Settled {
  readonly batch: LiveBatch;
  readonly event: BatchEvent;
  readonly before: BatchRec;
  readonly after: BatchRec;
  readonly write: BatchWrite;
}

type Extras = Pick<
  BatchWrite,
  'remaining' | 'items' | 'hash' | 'output' | 'deadLetters' | 'error' | 'itemsCompleted' | 'counters' | 'ms'
>;

/** Settles a batch that its worker answered for. */
export function settleReply(session: LiveSession, batch: LiveBatch, reply: Reply, now: number): Settled {
  if (hasReadOthers(batch, reply)) {
    session.stop ??= { type: 'fail', error: inputChanged(session, batch) };
    return settleRelease(batch, false, now);
  }
  const ran = batch.remaining?.length ?? reply.items;
  noteItems(batch, reply);
  if (reply.error) return settleFailure(session, batch, reply.error, now, { ...readBy(batch, reply), ms: reply.ms });
  if (reply.failures.length === 0) return complete(batch, goodOf(batch, reply, ran), now);
  return session.kind === 'each' ? settleEach(session, batch, reply, ran, now) : settleChunk(session, batch, reply, ran, now);
}

/** Whether the worker read other items out of its slice than an attempt before. Then nothing of its answer may count. */
function hasReadOthers({ input, hash }: LiveBatch, reply: Reply): boolean {
  if (input.type !== 'slice' || hash === null) return false;
  return reply.hash === undefined ? reply.error === undefined : reply.hash !== hash;
}

function inputChanged({ id }: LiveSession, { number }: LiveBatch): ErrorInfo {
  const message = `The input of session ${id} has changed: slice ${number} gave other items when it was read again. Start a new session.`;
  return errorInfo(new MillraceError('INPUT_CHANGED', message));
}

/** A slice that was once read to its end has so many items, also when reading it again fails half-way. */
function noteItems(batch: LiveBatch, reply: Reply): void {
  if (batch.input.type === 'slice' && batch.hash !== null) return;
  batch.items = reply.items;
  if (batch.input.type === 'slice') batch.hash = reply.hash ?? null;
}

/** What only the worker could know of a slice. */
function readBy({ input, items }: LiveBatch, { hash }: Reply): Pick<Extras, 'items' | 'hash'> {
  if (input.type === 'items') return {};
  return hash === undefined ? { items } : { items, hash };
}

/** Settles an attempt that failed or crashed as a whole. Given up for good, the whole batch is one dead letter. */
export function settleFailure(
  session: LiveSession,
  batch: LiveBatch,
  thrown: ErrorInfo,
  now: number,
  extras: Extras = {},
): Settled {
  const type = isCrash(thrown) ? 'CRASH' : 'FAIL';
  const { retryable, error } = judge(session.job, thrown);
  const event: BatchEvent = { type, retryable, retryAt: now + waitMs(session, batch, error) };
  const after = stepBatch(batch.record, event);
  if (!after.state.endsWith('.dead')) return settled(batch, event, after, now, { ...extras, error });
  const given: Extras = { ...extras, ...givenUp(batch), error, deadLetters: [wholeLetter(session, batch, error)] };
  // Items of earlier attempts are done, and stay done: only the rest is given up.
  if (batch.completed > 0)
    return settled(batch, completed, stepBatch(batch.record, completed), now, { ...given, remaining: null });
  return settled(batch, event, after, now, given);
}

function givenUp(batch: LiveBatch): Pick<Extras, 'items'> {
  return batch.input.type === 'slice' ? { items: itemsGivenUp(batch) } : {};
}

/** Hands a batch back uncharged: nobody is to blame, or nobody can be told to be. */
export function settleRelease(batch: LiveBatch, suspect: boolean, now: number): Settled {
  const event: BatchEvent = { type: 'RELEASE', suspect };
  return settled(batch, event, stepBatch(batch.record, event), now, {});
}

/** `each`: good items are done; those that failed by chance run again; the others are given up, alone. */
function settleEach(session: LiveSession, batch: LiveBatch, reply: Reply, ran: number, now: number): Settled {
  const { attempt, maxAttempts } = batch.record.context;
  const again: ItemFailure[] = [];
  const dead: ItemFailure[] = [];
  for (const { place, error: thrown } of reply.failures) {
    const { retryable, error } = attempt < maxAttempts ? judge(session.job, thrown) : { retryable: false, error: thrown };
    (retryable ? again : dead).push({ place, error });
  }
  const deadLetters = dead.map((failure) => itemLetter(session, batch, failure));
  const extras = { ...goodOf(batch, reply, ran - reply.failures.length), deadLetters };
  if (again.length > 0) return retryItems(session, batch, again, extras, now);
  if (batch.completed + extras.itemsCompleted > 0) return complete(batch, extras, now);
  return giveUp(batch, dead[0]?.error, extras, now);
}

function retryItems(session: LiveSession, batch: LiveBatch, again: readonly ItemFailure[], extras: Extras, now: number): Settled {
  const longest = again.reduce((wait, { error }) => Math.max(wait, waitMs(session, batch, error)), 0);
  const event: BatchEvent = { type: 'FAIL', retryable: true, retryAt: now + longest };
  const remaining = again.map(({ place }) => place);
  return settled(batch, event, stepBatch(batch.record, event), now, { ...extras, remaining, error: again[0]?.error ?? null });
}

/** `chunk`: its output stands for all items but those it gave up itself. */
function settleChunk(session: LiveSession, batch: LiveBatch, reply: Reply, ran: number, now: number): Settled {
  const deadLetters = reply.failures.map((failure) => itemLetter(session, batch, failure));
  const extras = { ...goodOf(batch, reply, ran - reply.failures.length), deadLetters };
  if (extras.itemsCompleted > 0) return complete(batch, extras, now);
  return giveUp(batch, reply.failures[0]?.error, { ...extras, output: null }, now);
}

type Good = Extras & { readonly itemsCompleted: number };

/** What the good items of a reply bring along. Fields that say nothing are left out: most batches have few. */
function goodOf(batch: LiveBatch, reply: Reply, itemsCompleted: number): Good {
  const good: { -readonly [Key in keyof Good]: Good[Key] } = { itemsCompleted, ms: reply.ms };
  Object.assign(good, readBy(batch, reply));
  if (reply.output !== null) good.output = { places: reply.places ?? null, data: reply.output };
  if (reply.counters) good.counters = reply.counters;
  if (batch.remaining) good.remaining = null;
  return good;
}

const completed: BatchEvent = { type: 'COMPLETE' };
const stepCompleted = stepAlike(completed);

function complete(batch: LiveBatch, extras: Good, now: number): Settled {
  return settled(batch, completed, stepCompleted(batch.record), now, extras);
}

function giveUp(batch: LiveBatch, error: ErrorInfo | undefined, extras: Extras, now: number): Settled {
  const event: BatchEvent = { type: 'FAIL', retryable: false, retryAt: now };
  return settled(batch, event, stepBatch(batch.record, event), now, { ...extras, error: error ?? null });
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

/** A worker that died or went silent crashed; work that threw or took too long failed. */
function isCrash({ category }: ErrorInfo): boolean {
  return ['exit', 'oom', 'signal', 'stalled', 'lost', 'host-death'].includes(category);
}

function waitMs(session: LiveSession, batch: LiveBatch, error: ErrorInfo): number {
  return backoffMs(session.policies.backoff, batch.record.context.attempt, error, session.ports.random());
}
