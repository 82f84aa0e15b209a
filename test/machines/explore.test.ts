import * as assert from 'uvu/assert';
import { type AnyEventObject, type AnyMachineSnapshot, type AnyStateMachine, getNextSnapshot } from 'xstate';
import { flatStateOf } from '../../src/machines/flat-state.ts';
import { readChart } from '../../src/machines/read-chart.ts';
import { endedBatchStates, endedSessionStates } from '../../src/model/moves.ts';
import { suite } from '../support/suite.ts';
import { startActor } from './agreement.ts';
import { charts } from './chart-events.ts';
import { alphabetOf, explore, isHorizon, placeOf, typesOf } from './explored.ts';

/** The charts walked with every event, every variant of it, and garbage. All that is expected is read from the charts and the table of moves. */
const test = suite('charts explored');

const ends: Readonly<Record<string, readonly string[]>> = { batch: endedBatchStates, session: endedSessionStates };

for (const { name, machine: typed, table, garbage, inputs } of charts) {
  // The walker is typed for one machine; both charts are walked by the same code.
  const machine = typed as unknown as AnyStateMachine;
  const { paths, edges } = explore(machine, inputs);
  const places = new Map(paths.map(({ end }) => [placeOf(end), end]));
  const stateOf = ({ value }: AnyMachineSnapshot): string => flatStateOf(value);

  test(`of a ${name}: every state is reached, in ${places.size} places by ${paths.length} shortest ways`, () => {
    assert.equal(sorted([...places.values()].map(stateOf)), sorted(readChart(machine).answers.keys()));
  });

  test(`of a ${name}: every row of the table of moves is taken, and no other move`, () => {
    const taken = edges.filter(({ from, to }) => stateOf(from) !== stateOf(to));
    assert.equal(
      sorted(taken.map(({ from, event, to }) => `${stateOf(from)} ${event.type} ${stateOf(to)}`)),
      sorted(table.map(({ from, event, to }) => `${from} ${event} ${to}`)),
    );
  });

  test(`of a ${name}: an end can be reached from every place`, () => {
    const before = new Map<string, Set<string>>();
    for (const { from, to } of edges) before.set(placeOf(to), (before.get(placeOf(to)) ?? new Set()).add(placeOf(from)));
    const isEnd = (snapshot: AnyMachineSnapshot): boolean =>
      isHorizon(snapshot) || (ends[name]?.includes(stateOf(snapshot)) ?? false);
    const leading = new Set([...places].filter(([, snapshot]) => isEnd(snapshot)).map(([place]) => place));
    for (const place of leading) for (const one of before.get(place) ?? []) leading.add(one);
    assert.equal(
      [...places.keys()].filter((place) => !leading.has(place)),
      [],
    );
  });

  test(`of a ${name}: what is final is left by no event`, () => {
    const done = [...places.values()].filter(({ status }) => status === 'done');
    assert.ok(done.length > 0);
    const left = edges.filter(({ from, to }) => from.status === 'done' && placeOf(from) !== placeOf(to));
    assert.equal(left, []);
  });

  test(`of a ${name}: an event that no state knows changes nothing, in any place`, () => {
    const known = new Set(typesOf(machine));
    const strangers = garbage.filter(({ type }) => !known.has(type));
    assert.ok(strangers.length >= 5);
    for (const snapshot of places.values()) {
      for (const event of strangers) assert.is(placeOf(next(machine, snapshot, event)), placeOf(snapshot), event.type);
    }
  });

  test(`of a ${name}: a known event with garbage in it throws in no place, and leads nowhere that it must not`, () => {
    const rows = new Set(table.map(({ from, event, to }) => `${from} ${event} ${to}`));
    const known = new Set(typesOf(machine));
    for (const snapshot of places.values()) {
      for (const event of garbage.filter(({ type }) => known.has(type))) {
        const after = next(machine, snapshot, event);
        assert.is(after.status === 'error', false, event.type);
        const row = `${stateOf(snapshot)} ${event.type} ${stateOf(after)}`;
        assert.ok(stateOf(snapshot) === stateOf(after) || rows.has(row), row);
      }
    }
  });

  test(`of a ${name}: a real actor goes every shortest way, step by step`, () => {
    for (const { input, steps, end } of paths) {
      const actor = startActor(machine, { input });
      for (const { event, to } of steps) {
        actor.send(event);
        assert.is(placeOf(actor.getSnapshot()), placeOf(to));
      }
      assert.is(placeOf(actor.getSnapshot()), placeOf(end));
      actor.stop();
    }
  });

  test(`of a ${name}: the alphabet has every event of the table`, () => {
    const types = alphabetOf(machine).map(({ type }) => type);
    assert.equal(
      table.filter(({ event }) => !types.includes(event)),
      [],
    );
  });
}

function next(machine: AnyStateMachine, snapshot: AnyMachineSnapshot, event: AnyEventObject): AnyMachineSnapshot {
  return getNextSnapshot(machine, snapshot, event) as AnyMachineSnapshot;
}

function sorted(rows: Iterable<string>): string[] {
  return [...new Set(rows)].sort();
}

test.run();
