import type { Line } from './history.ts';
import type { SessionPlan } from './plan.ts';
import type { SessionTruth, Truth } from './truth.ts';

/** A rule that a round has broken. */
export interface Violation {
  readonly rule: string;
  readonly what: string;
}

/** What the checks look at. */
export interface Evidence {
  readonly lines: readonly Line[];
  readonly truth: Truth;
}

/** A session that was planned, what the store holds of it, and what a sequential run gives. */
export interface CheckedSession extends SessionTruth {
  readonly plan: SessionPlan;
  /** Whether the work takes item by item. */
  readonly perItem: boolean;
  readonly expected: unknown;
  /** By batch: the token of the claim that completed it. */
  readonly completedBy: ReadonlyMap<number, string>;
}

/** The first few of each rule, and how many more there are: one cause breaks a rule many times. */
export function few(violations: readonly Violation[]): Violation[] {
  const shown = 5;
  return [...groupBy(violations, ({ rule }) => rule)].flatMap(([rule, broken]) => {
    if (broken.length <= shown) return broken;
    return [...broken.slice(0, shown), { rule, what: `and ${broken.length - shown} more` }];
  });
}

/** Values by a key, in their order. */
export function groupBy<Key, Value>(values: readonly Value[], keyOf: (value: Value) => Key): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group) group.push(value);
    else groups.set(keyOf(value), [value]);
  }
  return groups;
}
