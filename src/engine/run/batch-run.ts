import type { Task, TaskInput } from '../../model/executor.ts';
import type { BatchRun, LiveBatch } from '../live/live-batch.ts';
import type { LiveSession } from '../live/live-session.ts';
import { deadInSight, itemAt, livingCore, livingInSight, range } from '../live/places.ts';
import { suspectsToRun } from './isolate.ts';

/** Decides what a batch's next run takes. Null: all of it, as for nearly every batch. */
export function planRun(session: LiveSession, batch: LiveBatch): BatchRun | null {
  const { isolation } = batch;
  if (!isolation && session.dead.size === 0) return null;
  const seen = { deadInSight: deadInSight(session, batch) };
  const core = livingCore(session, batch);
  if (!isolation || isolation.phase === 'rest') return { type: 'whole', places: core, ...seen };
  if (isolation.phase === 'split') {
    return { type: 'piece', places: (core ?? range(0, batch.items)).slice(0, isolation.size), ...seen };
  }
  return { type: 'probe', places: suspectsToRun(isolation, livingInSight(session, batch)), ...seen };
}

/** The task that a worker gets for a batch's present run. */
export function taskOf(session: LiveSession, batch: LiveBatch): Task {
  const only = batch.run ? batch.run.places : batch.remaining;
  const { number, taskId } = batch;
  const { attempt } = batch.record.context;
  if (batch.run?.type === 'probe' && only && batch.input.type === 'items') {
    return { number, taskId, attempt, input: alone(batch, only) };
  }
  // Written out: a spread with a field behind it took 0.6 µs, and every batch comes by here.
  const input = withoutDead(session, batch);
  return only ? { number, taskId, attempt, input, only } : { number, taskId, attempt, input };
}

/** A probe's items as a chunk of their own: without overlap, so that nobody else can be to blame. */
function alone(batch: LiveBatch, places: readonly number[]): TaskInput {
  return { type: 'items', items: places.map((place) => itemAt(batch, place)), before: [], after: [] };
}

/** The place of an item in hand, which a worker names by what it was given. */
export function placeInHand({ run, input }: LiveBatch, noted: number | undefined): number | undefined {
  if (noted === undefined || run?.type !== 'probe' || input.type === 'slice') return noted;
  return run.places?.[noted];
}

/** Dead neighbours are as if never in the input. Dead items of the core are left out by their places. */
function withoutDead(session: LiveSession, { input, first }: LiveBatch): TaskInput {
  if (input.type === 'slice' || session.dead.size === 0) return input;
  const { items, before, after } = input;
  const living = (from: number) => (_: unknown, index: number) => !session.dead.has(first + from + index);
  return { type: 'items', items, before: before.filter(living(-before.length)), after: after.filter(living(items.length)) };
}
