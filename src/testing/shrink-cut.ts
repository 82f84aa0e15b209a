/** A stretch of the input, cut in two: `from` up to `at`, and `at` up to `to` (exclusive). */
export interface Cut {
  readonly from: number;
  readonly at: number;
  readonly to: number;
}

/** Work is called for each try: the search ends here, with the smallest cut found so far. */
const mostTries = 1_000;

/**
 * Finds a smaller cut that breaks the law, within one that does: first by leaving away what is not needed at either end,
 * then by trying every cut within what is left, shortest first. What it finds is the smallest there, if the tries suffice.
 */
export async function shrinkCut(cut: Cut, breaks: (cut: Cut) => Promise<boolean>): Promise<Cut> {
  let tries = 0;
  const firstBreaking = async (candidates: Iterable<Cut>): Promise<Cut | undefined> => {
    for (const candidate of candidates) {
      if (++tries > mostTries) return undefined;
      if (await breaks(candidate)) return candidate;
    }
    return undefined;
  };
  let smallest = cut;
  for (;;) {
    const smaller = await firstBreaking(withLessAtTheEnds(smallest));
    if (!smaller) break;
    smallest = smaller;
  }
  return (await firstBreaking(shorterWithin(smallest))) ?? smallest;
}

/** Boldest first: half of a side away, then a single atom. */
function withLessAtTheEnds({ from, at, to }: Cut): Cut[] {
  const left = at - from;
  const right = to - at;
  const cuts = [
    { from: at - (left >> 1), at, to },
    { from, at, to: at + (right >> 1) },
    { from: from + 1, at, to },
    { from, at, to: to - 1 },
  ];
  return cuts.filter((cut) => cut.from < cut.at && cut.at < cut.to && cut.to - cut.from < to - from);
}

function* shorterWithin({ from, to }: Cut): Generator<Cut> {
  for (let length = 2; length < to - from; length++) {
    for (let start = from; start + length <= to; start++) {
      for (let at = start + 1; at < start + length; at++) yield { from: start, at, to: start + length };
    }
  }
}
