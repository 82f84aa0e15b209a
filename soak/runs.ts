/** A run of moments with no long gap between them. */
export interface Run {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly sum: number;
}

/** The longest gap within a run. */
const longestGap = 30;

/** The runs in ascending moments. */
export function runsOf(moments: readonly number[]): Run[] {
  return moments.map((at) => [{ from: at, to: at, count: 1, sum: at % 997 }]).reduce<Run[]>(joinInto, []);
}

/** Joins the runs of two neighbours: the last of the left may go on in the first of the right. */
export function joinRuns(left: readonly Run[], right: readonly Run[]): Run[] {
  return joinInto([...left], right);
}

function joinInto(left: Run[], right: readonly Run[]): Run[] {
  const [first, ...others] = right;
  const last = left.at(-1);
  if (!first) return left;
  if (!last || first.from - last.to > longestGap) left.push(first);
  else left[left.length - 1] = { from: last.from, to: first.to, count: last.count + first.count, sum: last.sum + first.sum };
  left.push(...others);
  return left;
}
