import type { BatchState } from '../../../model/moves.ts';

/**
 * Batch states as the file holds them: numbers, to keep rows and indexes small. Open ones are below 10, so that
 * `state < 10` says "has not ended", in the partial index and in every statement that uses it. Never renumber.
 */
export const stateCodes: Readonly<Record<BatchState, number>> = {
  pending: 0,
  running: 1,
  'failed.waiting': 2,
  'failed.isolating': 3,
  'crashed.deciding': 4,
  'crashed.waiting': 5,
  'crashed.isolating': 6,
  completed: 10,
  'failed.dead': 11,
  'crashed.dead': 12,
  cancelled: 13,
};

const states = new Map(Object.entries(stateCodes).map(([state, code]) => [code, state as BatchState]));

/** The state behind a code of the file. */
export function stateOf(code: number): BatchState {
  const state = states.get(code);
  if (state === undefined) throw new RangeError(`The file holds the batch state ${code}, which no version has written.`);
  return state;
}

/** SQL that turns a column of codes into text, for views. */
export function stateText(column: string): string {
  const cases = Object.entries(stateCodes).map(([state, code]) => `when ${code} then '${state}'`);
  return `case ${column} ${cases.join(' ')} end`;
}
