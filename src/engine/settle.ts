import type { BatchEvent } from '../machines/batch-machine.ts';
import type { ErrorInfo } from '../model/errors.ts';
import type { ItemFailure, Reply } from '../model/executor.ts';
import type { BatchWrite, NewDeadLetter } from '../model/store.ts';
import { type BatchRec, stepBatch } from './charts.ts';
import type { LiveBatch } from './live-batch.ts';
import { type LiveSession, taskIdOf } from './live-session.ts';
import { isRetryable } from './options.ts';
import { backoffMs } from './retry.ts';

/** What the chart made of an attempt: the batch's next record, and the write that makes it true. */
export interface Settled {
  readonly batch: LiveBatch;
  readonly event: BatchEvent;
  readonly before: BatchRec;
  readonly after: BatchRec;
  readonly write: BatchWrite;
}

type Extras = Pick<BatchWrite, 'remaining' | 'items' | 'output' | 'deadLetters' | 'error' | 'itemsCompleted' | 'counters' | 'ms'>;

/** Settles a batch that its worker answered for. */
export function settleReply(session: LiveSession, batch: LiveBatch, reply: Reply, now: number): Settled {
  batch.items = reply.items;
  if (reply.error) return settleFailure(session, batch, reply.error, now, { items: reply.items, ms: reply.ms });
  return session.kind === 'each' ? settleEach(session, batch, reply, now) : settleChunk(session, batch, reply, now);
}

/** Settles an attempt that failed or crashed as a whole. Given up for good, the whole batch is one dead letter. */
export function settleFailure(
  session: LiveSession,
  batch: LiveBatch,
  error: ErrorInfo,
  now: number,
  extras: Extras = {},
): Settled {
  const type = isCrash(error) ? 'CRASH' : 'FAIL';
  const event: BatchEvent = { type, retryable: isRetryable(session.job, error), retryAt: now + waitMs(session, batch, error) };
  const dead = stepBatch(batch.record, event).state.endsWith('.dead');
  const deadLetters = dead ? [wholeLetter(session, batch, error)] : [];
  return settled(batch, event, now, { ...extras, error, deadLetters });
}

/** Hands a batch back uncharged: nobody is to blame, or nobody can be told to be. */
export function settleRelease(batch: LiveBatch, suspect: boolean, now: number): Settled {
  return settled(batch, { type: 'RELEASE', suspect }, now, {});
}

/** `each`: good items are done; those that failed by chance run again; the others are given up, alone. */
function settleEach(session: LiveSession, batch: LiveBatch, reply: Reply, now: number): Settled {
  const ran = batch.remaining?.length ?? reply.items;
  const { context } = batch.record;
  const again = reply.failures.filter(({ error }) => context.attempt < context.maxAttempts && isRetryable(session.job, error));
  const dead = reply.failures.filter((failure) => !again.includes(failure));
  const itemsCompleted = ran - reply.failures.length;
  const extras: Extras = {
    items: reply.items,
    itemsCompleted,
    output: outputOf(reply),
    deadLetters: dead.map((failure) => itemLetter(session, batch, failure)),
    remaining: again.length > 0 ? again.map(({ place }) => place) : null,
    counters: reply.counters ?? {},
    ms: reply.ms,
  };
  const error = again[0]?.error ?? dead[0]?.error;
  if (again.length > 0) {
    const waits = again.map((failure) => waitMs(session, batch, failure.error));
    return settled(batch, { type: 'FAIL', retryable: true, retryAt: now + Math.max(...waits) }, now, {
      ...extras,
      error: error ?? null,
    });
  }
  const good = batch.completed + itemsCompleted;
  if (good > 0 || !error) return settled(batch, { type: 'COMPLETE' }, now, extras);
  return settled(batch, { type: 'FAIL', retryable: false, retryAt: now }, now, { ...extras, error });
}

/** `chunk`: its output stands for all items but those it gave up itself. */
function settleChunk(session: LiveSession, batch: LiveBatch, reply: Reply, now: number): Settled {
  const extras: Extras = {
    items: reply.items,
    itemsCompleted: reply.items - reply.failures.length,
    output: outputOf(reply),
    deadLetters: reply.failures.map((failure) => itemLetter(session, batch, failure)),
    counters: reply.counters ?? {},
    ms: reply.ms,
  };
  const firstError = reply.failures[0]?.error;
  if (!firstError || reply.failures.length < reply.items) return settled(batch, { type: 'COMPLETE' }, now, extras);
  return settled(batch, { type: 'FAIL', retryable: false, retryAt: now }, now, { ...extras, output: null, error: firstError });
}

function settled(batch: LiveBatch, event: BatchEvent, now: number, extras: Extras): Settled {
  const before = batch.record;
  const after = stepBatch(before, event);
  const { retryAt, attempt, suspect } = after.context;
  const write: BatchWrite = {
    number: batch.number,
    from: before.state,
    to: after.state,
    attempt,
    suspect,
    ...(batch.token !== null && { token: batch.token }),
    ...(retryAt !== null && { retryInMs: Math.max(0, retryAt - now) }),
    ...extras,
  };
  return { batch, event, before, after, write };
}

/** A worker that died or went silent crashed; work that threw or took too long failed. */
function isCrash({ category }: ErrorInfo): boolean {
  return ['exit', 'oom', 'signal', 'stalled', 'lost', 'host-death'].includes(category);
}

function waitMs(session: LiveSession, batch: LiveBatch, error: ErrorInfo): number {
  return backoffMs(session.policies.backoff, batch.record.context.attempt, error, session.ports.random());
}

function outputOf(reply: Reply): NonNullable<Extras['output']> | null {
  return reply.output === null ? null : { places: reply.places ?? null, data: reply.output };
}

function itemLetter(session: LiveSession, batch: LiveBatch, { place, error }: ItemFailure): NewDeadLetter {
  return {
    itemId: itemIdOf(session, batch, place),
    place,
    items: 1,
    taskId: taskIdOf(session, batch),
    error,
    attempts: batch.record.context.attempt,
  };
}

/** One letter for all items that had not ended: they could not be told apart. */
function wholeLetter(session: LiveSession, batch: LiveBatch, error: ErrorInfo): NewDeadLetter {
  const places = batch.remaining ?? [...Array(Math.max(batch.items, 1)).keys()];
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

/** The job's name for an item; else its position in the input, or its batch and place where only the worker knows positions. */
function itemIdOf(session: LiveSession, batch: LiveBatch, place: number): string {
  if (batch.input.type === 'slice') return batch.items > 1 ? `${batch.number}.${place}` : `${batch.number}`;
  const item = batch.input.items[place];
  return session.job.itemId ? session.job.itemId(item) : `${batch.first + place}`;
}
