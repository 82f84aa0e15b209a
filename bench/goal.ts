import { figure } from './measure.ts';

/** Prints a ratio beside the figure to reach, and whether it was reached in this run. */
export function goal(what: string, ratio: number, bound: { readonly atLeast: number } | { readonly atMost: number }): void {
  const reached = 'atLeast' in bound ? ratio >= bound.atLeast : ratio <= bound.atMost;
  const wanted = 'atLeast' in bound ? `at least ${bound.atLeast}x` : `at most ${bound.atMost}x`;
  console.log(`${reached ? 'reached' : 'MISSED '}  ${what}: ${figure(ratio)}x (goal: ${wanted})`);
}

/** Prints a time beside the longest that is aimed at, and whether it was reached in this run. */
export function goalMs(what: string, ms: number, atMost: number): void {
  console.log(`${ms <= atMost ? 'reached' : 'MISSED '}  ${what}: ${figure(ms)} ms (goal: at most ${atMost} ms)`);
}
