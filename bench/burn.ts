/** Keeps a core busy for a fixed amount of work, however long that takes: the same for every variant. */
export function burn(rounds: number): number {
  let value = 1;
  for (let round = 0; round < rounds; round++) value = (Math.imul(value, 1_664_525) + 1_013_904_223) | 0;
  return value;
}

/** How many rounds of {@link burn} take a millisecond on this machine: the best of several tries, since others can only slow it down. */
export function roundsPerMs(): number {
  const rounds = 2_000_000;
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 20; attempt++) {
    const startedAt = performance.now();
    burn(rounds);
    best = Math.min(best, performance.now() - startedAt);
  }
  return Math.round(rounds / best);
}
