import * as assert from 'uvu/assert';
import type { AnyEventObject, AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { adjacencyMapToArray, getAdjacencyMap } from 'xstate/graph';
import { flatStateOf } from '../../src/machines/flat-state.ts';
import { movesOf } from '../../src/machines/moves-of.ts';
import type { Move } from '../../src/model/moves.ts';
import { suite } from '../support/suite.ts';
import { charts } from './chart-events.ts';

const test = suite('table of moves');

const sorted = (rows: Iterable<string>): string[] => [...new Set(rows)].sort();
const textOf = ({ from, event, to }: Move<string, string>): string => `${from} ${event} ${to}`;

for (const { name, machine, table, events, inputs } of charts) {
  test(`of the ${name} is what the chart allows, row by row`, () => {
    assert.equal(sorted(movesOf(machine).map(textOf)), sorted(table.map(textOf)));
    assert.is(new Set(table.map(textOf)).size, table.length, 'no row is written twice');
  });

  test(`of the ${name} is reached in every row by walking the chart`, () => {
    const walked = inputs.flatMap((input) => walk(machine, events, input));
    assert.equal(sorted(walked), sorted(table.map(textOf)));
  });

  test(`of the ${name} reaches every state, and leaves none for good but what may end`, () => {
    const states = sorted(table.flatMap(({ from, to }) => [from, to]));
    const initial = 'pending';
    assert.equal(sorted(reachable(table, initial)), states);
    for (const state of states.filter((state) => state !== 'cancelled')) {
      const ends = reachable(table, state).filter((end) => end === 'completed' || end === 'cancelled');
      assert.ok(ends.length > 0, `${state} leads to an end`);
    }
    assert.not.ok(table.some(({ from }) => from === 'cancelled'));
  });
}

type Chart = (typeof charts)[number];

/** Every step between two states that the graph walker of XState finds. */
function walk(machine: Chart['machine'], events: Chart['events'], input: Chart['inputs'][number]): string[] {
  // The walker is typed for one machine; both charts are walked by the same code.
  const logic = machine as unknown as AnyStateMachine;
  const map = getAdjacencyMap<AnyMachineSnapshot, AnyEventObject, unknown>(logic, {
    events: [...events],
    input,
    limit: 100_000,
    stopWhen,
  });
  return adjacencyMapToArray(map)
    .map(({ state, event, nextState }) => ({
      from: flatStateOf(state.value),
      event: event.type,
      to: flatStateOf(nextState.value),
    }))
    .filter(({ from, to }) => from !== to)
    .map(textOf);
}

/** Generations rise without end; a few show all that there is. */
function stopWhen({ context }: AnyMachineSnapshot): boolean {
  return context.generation > 5;
}

function reachable(table: readonly Move<string, string>[], start: string): string[] {
  const found = new Set([start]);
  for (const state of found) for (const { from, to } of table) if (from === state) found.add(to);
  return [...found];
}

test.run();
