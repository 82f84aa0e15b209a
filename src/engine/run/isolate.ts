import type { Isolation } from '../../model/records.ts';

/** What follows a run of a search. */
export type Finding =
  /** The search goes on. */
  | { readonly type: 'narrowed'; readonly isolation: Isolation }
  /** This item failed alone. */
  | { readonly type: 'found'; readonly place: number }
  /** No single item does it. */
  | { readonly type: 'nobody' };

/** Items found, before it is asked whether any item survives at all: work that is broken kills with every one. */
const foundBeforeDoubt = 4;
/** Items found without any survivor, after which the rest is given up together. */
const foundBeforeDespair = 8;

/** What a search begins with. */
export interface Outset extends Pick<Isolation, 'error' | 'deadInSight'> {
  /** Places of all that was loaded, and lives. */
  readonly suspects: readonly number[];
  /** The item in hand, if a note of it is left: it is tried first. */
  readonly noted: number | null | undefined;
  /** An earlier search in the same batch. */
  readonly before: Isolation | null;
}

/** Begins to look for the item that a batch died of. */
export function beginSearch({ suspects, noted, before, error, deadInSight }: Outset): Isolation {
  const { dead = [], survived = false } = before ?? {};
  const inHand = typeof noted === 'number' && suspects.includes(noted) ? noted : null;
  const phase = inHand === null ? 'search' : 'noted';
  return { phase, ...spanOf(suspects), noted: inHand, size: 0, deadInSight, dead, survived, error };
}

/** The items of the next run, of the living ones: the noted one, or the first half of the suspects. */
export function suspectsToRun({ phase, noted, from, to }: Isolation, living: readonly number[]): readonly number[] {
  if (phase === 'noted' && noted !== null) return [noted];
  const suspects = living.filter((place) => place >= from && place < to);
  return suspects.slice(0, Math.ceil(suspects.length / 2));
}

/** A run of these items died: it was one of them. `noted` is the one that it had in hand. */
export function afterDeath(isolation: Isolation, ran: readonly number[], noted: number | undefined): Finding {
  const [only] = ran;
  if (ran.length === 1 && only !== undefined) return { type: 'found', place: only };
  const inHand = noted !== undefined && ran.includes(noted) ? noted : null;
  return {
    type: 'narrowed',
    isolation: { ...isolation, ...spanOf(ran), phase: inHand === null ? 'search' : 'noted', noted: inHand },
  };
}

/** A run of these items survived: it was one of the others, if it was one alone. */
export function afterSurvival(isolation: Isolation, ran: readonly number[], living: readonly number[]): Finding {
  const survived = { ...isolation, survived: true };
  // The item in hand was not to blame, so the note says nothing: the search begins with all that were suspected with it.
  if (isolation.phase === 'noted') return { type: 'narrowed', isolation: { ...survived, phase: 'search', noted: null } };
  const last = ran.at(-1) ?? isolation.from - 1;
  const rest = living.filter((place) => place > last && place < isolation.to);
  if (rest.length === 0) return { type: 'nobody' };
  return { type: 'narrowed', isolation: { ...survived, ...spanOf(rest) } };
}

/**
 * What follows an item that was found: mostly, the rest runs again. After a few without any survivor another item is tried alone,
 * so that work which fails on everything is not taken apart to the last item.
 */
export function afterFound(isolation: Isolation, place: number, living: readonly number[]): Isolation | 'despair' {
  const dead = [...isolation.dead, place].sort((left, right) => left - right);
  const rest: Isolation = { ...isolation, phase: 'rest', noted: null, dead };
  if (isolation.survived || dead.length < foundBeforeDoubt) return rest;
  if (dead.length >= foundBeforeDespair) return 'despair';
  const noted = living[Math.floor(living.length / 2)];
  return noted === undefined ? rest : { ...rest, phase: 'noted', noted, ...spanOf(living), deadInSight: rest.deadInSight + 1 };
}

/** The batch is done in pieces: the first time in halves, then in halves of what was too much. */
export function splitInto(isolation: Isolation, size: number): Isolation {
  return { ...isolation, phase: 'split', noted: null, size: Math.max(1, size) };
}

function spanOf(places: readonly number[]): { readonly from: number; readonly to: number } {
  const [from] = places;
  const last = places.at(-1);
  return from === undefined || last === undefined ? { from: 0, to: 0 } : { from, to: last + 1 };
}
