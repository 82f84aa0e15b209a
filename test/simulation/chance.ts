import { seededRandom } from '../../src/testing/random.ts';

/** All chance of one simulated world: one seed, one order of draws. */
export interface Chance {
  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number;
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number;
  /** True with this probability. Draws nothing when it is 0, so that a fault that is switched off changes no other draw. */
  happens(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Milliseconds up to `most`, mostly few: short waits and long ones in one world. */
  wait(most: number): number;
  /** A number in [0, 1). */
  fraction(): number;
}

export function chanceOf(seed: number): Chance {
  // Neighbouring seeds begin with unlike numbers only after mixing.
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995);
  const fraction = (): number => random.below(2 ** 32) / 2 ** 32;
  return {
    below: random.below,
    between: (from, to) => from + random.below(to - from + 1),
    happens: (probability) => probability > 0 && fraction() < probability,
    pick: random.pick,
    wait: (most) => most * fraction() ** 3,
    fraction,
  };
}
