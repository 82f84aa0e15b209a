import type { AnyEventObject, AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { adjacencyMapToArray, getAdjacencyMap, getShortestPaths } from 'xstate/graph';
import { flatStateOf } from '../../src/machines/flat-state.ts';
import { readChart } from '../../src/machines/read-chart.ts';

/** One way through a chart: the events, and where each of them leads. */
export interface Path {
  readonly input: unknown;
  readonly steps: readonly { readonly event: AnyEventObject; readonly to: AnyMachineSnapshot }[];
  readonly end: AnyMachineSnapshot;
}

/** One event in one place of a chart. */
export interface Edge {
  readonly from: AnyMachineSnapshot;
  readonly event: AnyEventObject;
  readonly to: AnyMachineSnapshot;
}

/** All that the graph walker of XState finds in a chart: places are states with their contexts. */
export interface Explored {
  /** The shortest way to each place. */
  readonly paths: readonly Path[];
  readonly edges: readonly Edge[];
}

/**
 * Values for every field that a guard or assign reads. Each variant has all of them, so that it fits every event; one that misses
 * a guard's field is found by the table of moves: then a row of it is not reached.
 */
const payloads: readonly object[] = [
  { at: 10, retryable: true, retryAt: 50, isolatable: false, suspect: false, total: 0, completed: 0, dead: 0 },
  { at: 100, retryable: false, retryAt: 50, isolatable: false, suspect: true, total: 3, completed: 0, dead: 3 },
  { at: 100, retryable: false, retryAt: 50, isolatable: true, suspect: false, total: 3, completed: 2, dead: 1 },
  { at: 100, retryable: true, retryAt: 50, isolatable: true, suspect: true, total: 3, completed: 3, dead: 0 },
];

/** Every type of event that some state of the chart answers. */
export function typesOf(machine: AnyStateMachine): readonly string[] {
  return [...new Set([...readChart(machine).answers.values()].flatMap((answers) => [...answers.keys()]))];
}

/** Every event of a chart, with every variant of its payload, and without any. */
export function alphabetOf(machine: AnyStateMachine): readonly AnyEventObject[] {
  return typesOf(machine).flatMap((type) => [{ type }, ...payloads.map((payload) => ({ type, ...payload }))]);
}

/** Generations rise without end: the walk stops where those beyond only repeat what it has seen. */
export function isHorizon({ context }: AnyMachineSnapshot): boolean {
  return context.generation > 6;
}

/** Walks a chart from each of its inputs. */
export function explore(machine: AnyStateMachine, inputs: readonly unknown[]): Explored {
  const events = alphabetOf(machine);
  const options = (input: unknown) => ({
    events: [...events],
    input,
    limit: 100_000,
    stopWhen: isHorizon,
    // Not the events that led there: two ways to one place are one place.
    serializeState: (snapshot: AnyMachineSnapshot) => placeOf(snapshot),
  });
  return {
    paths: inputs.flatMap((input) =>
      getShortestPaths(machine, options(input) as object).map(({ state, steps }) => ({
        input,
        // The walker names each step by the place that it leads to; the first has the event of the start.
        steps: steps.slice(1).map(({ event, state: to }) => ({ event: event as AnyEventObject, to: to as AnyMachineSnapshot })),
        end: state as AnyMachineSnapshot,
      })),
    ),
    edges: inputs.flatMap((input) =>
      adjacencyMapToArray(getAdjacencyMap<AnyMachineSnapshot, AnyEventObject, unknown>(machine, options(input))).map(
        ({ state, event, nextState }) => ({ from: state, event, to: nextState }),
      ),
    ),
  };
}

/** A state with its context as text. */
export function placeOf({ value, context }: AnyMachineSnapshot): string {
  return `${flatStateOf(value)} ${JSON.stringify(context)}`;
}
