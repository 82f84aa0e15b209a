import * as assert from 'uvu/assert';
import { type AnyStateMachine, assign, createMachine } from 'xstate';
import { movesOf } from '../../src/machines/moves-of.ts';
import { suite } from '../support/suite.ts';
import { looseDriver, walkPairs } from './agreement.ts';

/** Where statecharts are easily read wrongly, records follow real actors. Each action notes its name, so the order is compared too. */
const test = suite('records follow the semantics of charts');

const note = (name: string) => assign({ trail: ({ context }: { context: { trail: string } }) => `${context.trail}${name} ` });
const noted = (name: string, rest: object = {}) => ({ entry: note(`+${name}`), exit: note(`-${name}`), ...rest });

function chartOf(rest: object): AnyStateMachine {
  return createMachine({ id: 'chart', context: { trail: '' }, ...rest } as object);
}

/** Two compound states, three levels deep, with the transitions given for the inner ones. */
function nested({
  root = {},
  a = {},
  a1 = {},
  a2 = {},
}: Record<'root' | 'a' | 'a1' | 'a2', object> | Record<string, object>): AnyStateMachine {
  return chartOf({
    ...noted('root'),
    initial: 'a',
    on: root,
    states: {
      a: noted('a', {
        initial: 'a1',
        on: a,
        states: {
          a1: noted('a1', { on: a1 }),
          a2: noted('a2', { initial: 'x', on: a2, states: { x: noted('x'), y: noted('y') } }),
        },
      }),
      b: noted('b', { initial: 'b1', on: { BACK: 'a', DEEP: '#chart.a.a2.y' }, states: { b1: noted('b1') } }),
      end: noted('end', { type: 'final' }),
    },
  });
}

const cases: Record<string, AnyStateMachine> = {
  'leaves up to the nearest common state, inner first': nested({ a1: { GO: 'a2', OUT: '#chart.b' } }),
  'asks the states above only when nothing below answers': nested({
    root: { GO: '.b' },
    a: { GO: '.a2' },
    a1: { GO: [{ guard: () => false, target: 'a2' }] },
  }),
  'lets a state forbid what the states above allow': nested({ a: { GO: '.a2' }, a1: { GO: undefined } }),
  'stays in a compound state on a transition into itself': nested({ a: { GO: '.a2', SELF: '.' } }),
  'leaves and enters again with reenter': nested({
    a: { GO: { target: '.a2', reenter: true } },
    a2: { GO: { target: 'a2', reenter: true } },
  }),
  'runs the actions of a self transition without leaving': nested({
    a1: { GO: { target: 'a1', actions: note('self') } },
    a2: { GO: { actions: note('inner') } },
  }),
  'goes from a child to its parent': nested({ a1: { GO: '#chart.a' }, a2: { GO: { target: '#chart.a', reenter: true } } }),
  'goes from the root with and without reenter': nested({ root: { GO: '.b', AGAIN: { target: '.b', reenter: true } } }),
  'goes to the root itself': nested({ a1: { GO: '#chart' }, root: { HOME: { target: '#chart', reenter: true } } }),
  'leaves all states when it is done, and answers nothing afterwards': nested({
    root: { GO: '.b' },
    a1: { END: { target: '#chart.end', actions: note('ending') } },
  }),
  'starts in a final state': chartOf({
    initial: 'end',
    ...noted('root'),
    states: { end: noted('end', { type: 'final' }) },
    on: { GO: { actions: note('late') } },
  }),
  'reads the old context in one assign, the new one in the next': chartOf({
    context: { trail: '', left: 1, right: 2 },
    on: {
      GO: {
        actions: [
          assign({ left: ({ context }) => context.right, right: ({ context }) => context.left }),
          assign(({ context, event }) => ({ trail: `${context.left}${context.right}${event.type}` })),
        ],
      },
    },
  }),
  'has no states but the root': chartOf({ on: { GO: { actions: note('go') } } }),
};

for (const [name, machine] of Object.entries(cases)) {
  test(name, () => {
    const events = ['GO', 'BACK', 'DEEP', 'SELF', 'AGAIN', 'OUT', 'HOME', 'END', 'OTHER'].map((type) => ({ type }));
    walkPairs(machine, undefined, events, 4);
  });
}

test('says whether a chart answered: not when it forbids the event, but when it only assigns', () => {
  const driver = looseDriver(nested({ a: { GO: '.a2' }, a1: { GO: undefined, SELF: { actions: note('self') } } }));
  const first = driver.start(undefined);
  assert.is(driver.step(first, { type: 'GO' }), undefined);
  assert.is(driver.step(first, { type: 'SELF' })?.state, first.state);
});

test('lists no move that can never be taken', () => {
  const moves = movesOf(nested({ root: { GO: '.b' }, a: { GO: '.a2' }, a1: { GO: undefined, OUT: ['a2', '#chart.b'] } }));
  const rows = moves.map(({ from, event, to }) => `${from} ${event} ${to}`);
  assert.equal(
    rows.filter((row) => row.startsWith('a.a1')),
    ['a.a1 OUT a.a2.x'],
  );
});

test('hands params and the first input to guards and assigns', () => {
  const machine = createMachine(
    {
      id: 'chart',
      context: ({ input }: { input: { by: number } }) => ({ total: input.by, first: 0 }),
      entry: assign({ first: ({ event }) => (event as unknown as { input: { by: number } }).input.by }),
      on: {
        GO: {
          guard: { type: 'below', params: { limit: 9 } },
          actions: { type: 'add', params: ({ context }: { context: { first: number } }) => ({ by: context.first }) },
        },
      },
    } as object,
    {
      guards: { below: ({ context }: { context: { total: number } }, { limit }: { limit: number }) => context.total < limit },
      actions: {
        add: assign({ total: ({ context }: { context: { total: number } }, { by }: { by: number }) => context.total + by }),
      },
    } as object,
  );
  walkPairs(machine as AnyStateMachine, { by: 2 }, [{ type: 'GO' }], 8);
});

test.run();
