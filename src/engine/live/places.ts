import type { LiveBatch } from './live-batch.ts';
import type { LiveSession } from './live-session.ts';

/*
 * A place names an item as its batch sees it: from 0 in the core; the overlap before the core has negative ones, that behind it
 * goes on after the core's last. A position names the same item in the whole input.
 */

/** From which place up to which (not included) a batch sees items. A slice whose items nobody has counted yet has none. */
export function sightOf({ input, items }: LiveBatch): { readonly from: number; readonly to: number } {
  if (input.type === 'slice') return { from: 0, to: items };
  return { from: -input.before.length, to: input.items.length + input.after.length };
}

/** The item at a place of a batch whose items the host has read. */
export function itemAt({ input }: LiveBatch, place: number): unknown {
  if (input.type === 'slice') return undefined;
  const { before, items, after } = input;
  if (place < 0) return before[before.length + place];
  return place < items.length ? items[place] : after[place - items.length];
}

/** Whether a place lies in the core. */
export function isOfCore(batch: LiveBatch, place: number): boolean {
  return place >= 0 && place < batch.items;
}

/** How many of the items that a batch sees were given up. */
export function deadInSight(session: LiveSession, batch: LiveBatch): number {
  if (session.dead.size === 0) return 0;
  const { from, to } = sightOf(batch);
  let dead = 0;
  for (let place = from; place < to; place++) if (session.dead.has(batch.first + place)) dead++;
  return dead;
}

/** Whether an item that the present run sees has been given up since it began, as part of a neighbour. */
export function hasSeenDead(session: LiveSession, batch: LiveBatch): boolean {
  return deadInSight(session, batch) > (batch.run?.deadInSight ?? 0);
}

/** The core's items that still have to run; null: all of it, as for nearly every batch. */
export function livingCore(session: LiveSession, batch: LiveBatch): readonly number[] | null {
  const { remaining, isolation } = batch;
  if (!remaining && session.dead.size === 0 && !isolation?.dead.length) return null;
  const isLiving = livingIn(session, batch);
  if (!remaining && deadInSight(session, batch) === 0 && !isolation?.dead.length) return null;
  return (remaining ?? range(0, batch.items)).filter(isLiving);
}

/** All that a batch loads and that lives: its own items that still have to run, and its neighbours'. */
export function livingInSight(session: LiveSession, batch: LiveBatch): readonly number[] {
  const { from, to } = sightOf(batch);
  const isLiving = livingIn(session, batch);
  const core = livingCore(session, batch) ?? range(0, batch.items);
  // `each` work is given one item at a time, and never a neighbour.
  if (session.kind === 'each') return core;
  return [...range(from, 0).filter(isLiving), ...core, ...range(batch.items, to).filter(isLiving)];
}

function livingIn(session: LiveSession, { first, isolation }: LiveBatch): (place: number) => boolean {
  const found = new Set(isolation?.dead);
  return (place) => !found.has(place) && !session.dead.has(first + place);
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}
