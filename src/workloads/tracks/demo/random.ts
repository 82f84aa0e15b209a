/** Seeded random numbers, the same on every machine: 32-bit integers only (sfc32, Chris Doty-Humphrey, public domain). */
export interface Random {
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number;
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number;
  /** True once in `n` times on average. */
  onceIn(n: number): boolean;
}

/** @param seed - Any whole number; its low 32 bits count. */
export function createRandom(seed: number): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 15; round++) next();
  // 2^-32 times a number below 2^21 loses no bit, so this is exact, and so the same everywhere.
  const below = (limit: number): number => Math.floor((next() * limit) / 4_294_967_296);
  return {
    below,
    between: (from, to) => from + below(to - from + 1),
    onceIn: (n) => below(n) === 0,
  };
}
