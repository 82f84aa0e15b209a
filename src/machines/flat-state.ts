import type { StateValue } from 'xstate';

/** XState's state value of a state as stores write it: `failed.waiting` is `{ failed: 'waiting' }`. */
export function stateValueOf(state: string): StateValue {
  const [head = state, ...rest] = state.split('.');
  return rest.length === 0 ? head : { [head]: stateValueOf(rest.join('.')) };
}

/** A state as stores write it. Charts here are in one state at a time: a value with two keys has no such name. */
export function flatStateOf(value: StateValue): string {
  if (typeof value === 'string') return value;
  return Object.entries(value)
    .map(([key, below]) => (below === undefined ? key : `${key}.${flatStateOf(below)}`))
    .join('|');
}
