import type { Timestamp, Token } from '../../model/ids.ts';
import type { ClaimRate, HeldRate } from '../../model/rate.ts';
import type { ClaimRequest } from '../../model/store.ts';

/** Starts that count under one name: how many leave the window when. Oldest first. */
export type RateStarts = readonly (readonly [leaves: Timestamp, starts: number])[];

/** Moments in a window that are told apart: starts between two of them leave it together, at most a hundredth of it late. */
const moments = 100;

/** What a claim's rate lets through. */
export interface RateGate {
  /** Whether a claim under this token can be done now. If it can't, its name is noted as held. */
  admits(token: Token): boolean;
  /** Counts a claim that was done. */
  started(token: Token): void;
  /** The names that were counted under, with all their starts. */
  changed(): ReadonlyMap<string, RateStarts>;
  held(): readonly HeldRate[];
}

/** The gate of a claim; undefined when it has no rate. `read` gives what was counted under a name. */
export function openRateGate(
  { tokens, numbers, rate }: ClaimRequest,
  read: (bucket: string) => RateStarts,
  now: Timestamp,
): RateGate | undefined {
  return rate && numbers && gateOf(tokens, rate, read, now);
}

/** What a session's answer says of the rates that let something wait. */
export function heldBy(gate: RateGate | undefined): { readonly held?: readonly HeldRate[] } {
  const held = gate?.held() ?? [];
  return held.length > 0 ? { held } : {};
}

function gateOf(tokens: readonly Token[], rate: ClaimRate, read: (bucket: string) => RateStarts, now: Timestamp): RateGate {
  const { limit, perMs } = rate;
  const names = new Map(tokens.map((token, index) => [token, rate.buckets[index] ?? '']));
  const known = new Map<string, RateStarts>();
  const counted = new Set<string>();
  const held = new Set<string>();
  const startsOf = (name: string): RateStarts => {
    const starts = known.get(name) ?? read(name).filter(([leaves]) => leaves > now);
    known.set(name, starts);
    return starts;
  };
  const leaves = leavesAt(now, perMs);
  return {
    admits(token) {
      const name = names.get(token) ?? '';
      if (countOf(startsOf(name)) < limit) return true;
      held.add(name);
      return false;
    },
    started(token) {
      const name = names.get(token) ?? '';
      known.set(name, withStart(startsOf(name), leaves));
      counted.add(name);
    },
    changed: () => new Map([...counted].map((name) => [name, startsOf(name)])),
    held: () => [...held].map((bucket) => ({ bucket, until: freeAt(startsOf(bucket), limit) })),
  };
}

/** A start leaves the window a whole window after it, or, so that few moments are told apart, a little later: never earlier. */
function leavesAt(now: Timestamp, perMs: number): Timestamp {
  const step = Math.max(1, Math.ceil(perMs / moments));
  return Math.ceil(now / step) * step + Math.ceil(perMs);
}

function countOf(starts: RateStarts): number {
  return starts.reduce((sum, [, count]) => sum + count, 0);
}

function withStart(starts: RateStarts, leaves: Timestamp): RateStarts {
  const last = starts.at(-1);
  if (last?.[0] === leaves) return [...starts.slice(0, -1), [leaves, last[1] + 1]];
  // Another program may have counted by a longer window.
  return [...starts, [leaves, 1] as const].sort(([left], [right]) => left - right);
}

/** When so many have left that there is room for one. */
function freeAt(starts: RateStarts, limit: number): Timestamp {
  let count = countOf(starts);
  for (const [leaves, left] of starts) {
    count -= left;
    if (count < limit) return leaves;
  }
  return starts.at(-1)?.[0] ?? 0;
}
