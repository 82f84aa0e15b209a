import { errorInfo } from '../../model/error-info.ts';
import { type ErrorInfo, MillraceError } from '../../model/errors.ts';
import type { ItemFailure, Reply } from '../../model/executor.ts';
import type { LiveBatch } from '../live/live-batch.ts';
import type { LiveSession } from '../live/live-session.ts';
import { hasSeenDead, livingCore, range } from '../live/places.ts';
import { type Extras, type Settled, settleBy, settleComplete, settleGivenUp, settleRelease } from '../live/settled.ts';
import { itemLetter } from './dead-letters.ts';
import { backoffMs } from './retry.ts';
import { settleFailure } from './settle-failure.ts';
import { settleOvertaken, settleSurvival } from './settle-probe.ts';
import { judge } from './verdict.ts';

/** Settles a batch that its worker answered for. */
export function settleReply(session: LiveSession, batch: LiveBatch, reply: Reply, now: number): Settled {
  if (hasReadOthers(batch, reply)) {
    session.stop ??= { type: 'fail', error: inputChanged(session, batch) };
    return settleRelease(batch, false, now);
  }
  if (hasSeenDead(session, batch)) return settleOvertaken(batch, now);
  noteItems(batch, reply);
  const read = readBy(batch, reply);
  if (reply.error) return settleFailure(session, batch, reply.error, now, { ...read, ms: reply.ms });
  if (batch.run?.type === 'probe') return settleSurvival(session, batch, now, { ...read, ms: reply.ms });
  const good = goodOf(session, batch, reply, read);
  if (batch.run?.type === 'piece') return settlePiece(session, batch, reply, good, now);
  if (reply.failures.length === 0) return settleComplete(batch, good, now);
  return session.kind === 'each' ? settleEach(session, batch, reply, good, now) : settleChunk(session, batch, reply, good, now);
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
  if (batch.input.type === 'items' || batch.hash !== null) return;
  batch.items = reply.items;
  batch.hash = reply.hash ?? null;
}

/** What only the worker could know of a slice. */
function readBy({ input, items }: LiveBatch, { hash }: Reply): Pick<Extras, 'items' | 'hash'> | undefined {
  if (input.type === 'items') return undefined;
  return hash === undefined ? { items } : { items, hash };
}

type Good = Extras & { readonly itemsCompleted: number };

/** What the good items of a reply bring along. Fields that say nothing are left out: most batches have few. */
function goodOf(session: LiveSession, batch: LiveBatch, reply: Reply, read: Pick<Extras, 'items' | 'hash'> | undefined): Good {
  const living = ranOf(batch) - reply.failures.length;
  // The output of a `chunk` that runs again, for a neighbour's or a replay's sake, stands for all its items anew: unless pieces of it are done.
  const isOfAll = session.kind === 'chunk' && batch.run?.type !== 'piece' && !batch.remaining;
  const itemsCompleted = isOfAll ? living - batch.completed : living;
  const good: { -readonly [Key in keyof Good]: Good[Key] } = { itemsCompleted, ms: reply.ms };
  if (read) Object.assign(good, read);
  if (reply.output !== null) good.output = { places: reply.places ?? batch.run?.places ?? null, data: reply.output };
  if (reply.counters) good.counters = reply.counters;
  if (batch.remaining) good.remaining = null;
  return good;
}

function ranOf({ run, remaining, items }: LiveBatch): number {
  return run?.places?.length ?? remaining?.length ?? items;
}

/** `each`: good items are done; those that failed by chance run again; the others are given up, alone. */
function settleEach(session: LiveSession, batch: LiveBatch, reply: Reply, good: Good, now: number): Settled {
  const { attempt, maxAttempts } = batch.record.context;
  const again: ItemFailure[] = [];
  const dead: ItemFailure[] = [];
  for (const { place, error: thrown } of reply.failures) {
    const { retryable, error } = attempt < maxAttempts ? judge(session.job, thrown) : { retryable: false, error: thrown };
    (retryable ? again : dead).push({ place, error });
  }
  const extras = { ...good, deadLetters: dead.map((failure) => itemLetter(session, batch, failure)) };
  if (again.length > 0) return retryItems(session, batch, again, extras, now);
  return settleGivenUp(batch, dead[0]?.error ?? null, extras, now);
}

function retryItems(session: LiveSession, batch: LiveBatch, again: readonly ItemFailure[], extras: Extras, now: number): Settled {
  const waitMs = ({ error }: ItemFailure): number =>
    backoffMs(session.policies.backoff, batch.record.context.attempt, error, session.ports.random());
  const longest = again.reduce((wait, failure) => Math.max(wait, waitMs(failure)), 0);
  const remaining = again.map(({ place }) => place);
  const event = { type: 'FAIL', retryable: true, retryAt: now + longest } as const;
  return settleBy(batch, event, now, { ...extras, remaining, error: again[0]?.error ?? null });
}

/** `chunk`: its output stands for all items but those it gave up itself. */
function settleChunk(session: LiveSession, batch: LiveBatch, reply: Reply, good: Good, now: number): Settled {
  const extras = { ...good, deadLetters: reply.failures.map((failure) => itemLetter(session, batch, failure)) };
  const died = reply.failures.map(({ place }) => place);
  if (batch.completed + extras.itemsCompleted > 0) return { ...settleComplete(batch, extras, now), died };
  return { ...settleGivenUp(batch, reply.failures[0]?.error ?? null, { ...extras, output: null }, now), died };
}

/** A piece of a batch that is done in pieces: there were attempts enough, so what fails in it is given up. */
function settlePiece(session: LiveSession, batch: LiveBatch, reply: Reply, good: Good, now: number): Settled {
  const done = new Set(batch.run?.places);
  // Not those found before it came to pieces: a run of none would follow another, for ever.
  const remaining = (livingCore(session, batch) ?? range(0, batch.items)).filter((place) => !done.has(place));
  const deadLetters = reply.failures.map((failure) => itemLetter(session, batch, failure));
  const extras = { ...good, deadLetters };
  if (remaining.length > 0) return settleRelease(batch, true, now, { ...extras, remaining });
  return settleGivenUp(batch, reply.failures[0]?.error ?? null, extras, now);
}
