import type { AnyStateMachine } from 'xstate';
import type { Move } from '../model/moves.ts';
import { readChart } from './read-chart.ts';

/** A legal move of a chart, with the guards that may lead to it (undefined: no guard). */
export interface ChartMove extends Move<string, string> {
  readonly guards: readonly (string | undefined)[];
}

/**
 * Every move that a machine's definition allows: one row for each state, event and target, whichever guard decides.
 * Answers that only assign are no moves.
 */
export function movesOf(machine: AnyStateMachine): readonly ChartMove[] {
  const rows = new Map<string, ChartMove>();
  for (const [from, answers] of readChart(machine).answers) {
    for (const [event, candidates] of answers) {
      for (const { to, guardName, moves } of candidates) {
        if (!moves) continue;
        const key = `${from} ${event} ${to}`;
        rows.set(key, { from, event, to, guards: [...(rows.get(key)?.guards ?? []), guardName] });
      }
    }
  }
  return [...rows.values()];
}
