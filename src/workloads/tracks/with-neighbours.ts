import type { TimeSlice } from './history.ts';

/**
 * Gives each slice the slices around it that reach within some time of it: for rules that look at more than a point and the one before.
 * Slices of other devices are no neighbours.
 */
export function* withNeighbours(slices: Iterable<TimeSlice>, reachMs: number): Generator<TimeSlice, void, undefined> {
  /** Slices that were given, and may still be neighbours of one to come; then those to be given. */
  let near: TimeSlice[] = [];
  let next = 0;
  const give = (): TimeSlice => {
    const slice = near[next] as TimeSlice;
    near = near.filter((other, place) => place >= next || isNear(other, slice, reachMs));
    next = near.indexOf(slice) + 1;
    const around = near.filter((other) => other !== slice && isNear(other, slice, reachMs));
    return { ...slice, around };
  };
  for (const slice of slices) {
    near.push(slice);
    while (next < near.length - 1 && !isNear(slice, near[next] as TimeSlice, reachMs)) yield give();
  }
  while (next < near.length) yield give();
}

function isNear(one: TimeSlice, other: TimeSlice, reachMs: number): boolean {
  return one.device === other.device && one.from - reachMs <= other.to && other.from - reachMs <= one.to;
}
