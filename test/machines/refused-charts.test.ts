import * as assert from 'uvu/assert';
import { type AnyStateMachine, and, assign, createMachine, not, raise, sendTo, setup, stateIn } from 'xstate';
import { compileRecordDriver } from '../../src/machines/record-driver.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { suite } from '../support/suite.ts';

const test = suite('charts that records cannot carry');

/** A small chart whose state `busy` has something of its own. */
function withBusy(busy: object): AnyStateMachine {
  return createMachine({ id: 'small', initial: 'idle', states: { idle: { on: { GO: 'busy' } }, busy, over: {} } });
}

const quiet = (): boolean => true;
const refused: readonly { feature: string; chart: () => AnyStateMachine; state?: string; says: RegExp }[] = [
  { feature: 'always', chart: () => withBusy({ always: 'over' }), says: /always/ },
  { feature: 'after', chart: () => withBusy({ after: { 10: 'over' } }), says: /after/ },
  { feature: 'invoke', chart: () => withBusy({ invoke: { src: 'child' } }), says: /invoke/ },
  { feature: 'parallel states', chart: () => withBusy({ type: 'parallel', states: { a: {}, b: {} } }), says: /parallel/ },
  {
    feature: 'history states',
    chart: () => withBusy({ initial: 'a', states: { a: {}, back: { type: 'history' } } }),
    state: 'busy.back',
    says: /history/,
  },
  { feature: 'the wildcard', chart: () => withBusy({ on: { '*': 'over' } }), says: /wildcard \*/ },
  { feature: 'a partial wildcard', chart: () => withBusy({ on: { 'mouse.*': 'over' } }), says: /wildcard mouse\.\*/ },
  { feature: 'several targets', chart: () => withBusy({ on: { END: { target: ['over', 'idle'] } } }), says: /several targets/ },
  { feature: 'onDone', chart: () => withBusy({ initial: 'a', states: { a: {} }, onDone: 'over' }), says: /onDone/ },
  {
    feature: 'nested final states',
    chart: () => withBusy({ initial: 'a', states: { a: { type: 'final' } } }),
    state: 'busy.a',
    says: /final state inside/,
  },
  {
    feature: 'initial with actions',
    chart: () => withBusy({ initial: { target: 'a', actions: assign({}) }, states: { a: {} } }),
    says: /initial with actions/,
  },
  { feature: 'raise', chart: () => withBusy({ entry: raise({ type: 'GO' }) }), says: /raise/ },
  { feature: 'sendTo', chart: () => withBusy({ exit: sendTo('other', { type: 'GO' }) }), says: /sendTo/ },
  {
    feature: 'side effects',
    chart: () => withBusy({ on: { END: { target: 'over', actions: function log() {} } } }),
    says: /action log/,
  },
  {
    feature: 'an action without a function',
    chart: () => withBusy({ on: { END: { actions: 'missing' } } }),
    says: /action missing/,
  },
  {
    feature: 'and',
    chart: () => withBusy({ on: { END: { guard: and([quiet, quiet]), target: 'over' } } }),
    says: /composite guard/,
  },
  { feature: 'not', chart: () => withBusy({ on: { END: { guard: not(quiet), target: 'over' } } }), says: /composite guard/ },
  {
    feature: 'stateIn',
    chart: () => withBusy({ on: { END: { guard: stateIn('idle'), target: 'over' } } }),
    says: /composite guard/,
  },
  {
    feature: 'a guard without a function',
    chart: () => withBusy({ on: { END: { guard: 'missing', target: 'over' } } }),
    says: /guard missing/,
  },
  {
    feature: 'a composite guard by name',
    chart: () =>
      setup({ guards: { loud: not(quiet) } }).createMachine({
        id: 'small',
        initial: 'busy',
        states: { busy: { on: { END: { guard: 'loud', target: 'over' } } }, over: {} },
      }),
    says: /composite guard loud/,
  },
];

for (const { feature, chart, state = 'busy', says } of refused) {
  test(`refuses ${feature}, naming the state`, () => {
    const error = errorOf(() => compileRecordDriver(chart()));
    assert.is(error.code, 'CHART_NOT_SUPPORTED');
    assert.match(error.message, `Chart small, state ${state}:`);
    assert.match(error.message, says);
  });
}

test('refuses spawn when an assign or the context asks for it', () => {
  const spawning = withBusy({ entry: assign({ child: ({ spawn }) => spawn('child') }) });
  const driver = compileRecordDriver(spawning);
  assert.is(errorOf(() => driver.step(driver.start(undefined), { type: 'GO' })).code, 'CHART_NOT_SUPPORTED');
  const born = compileRecordDriver(createMachine({ id: 'small', context: ({ spawn }) => ({ child: spawn('child' as never) }) }));
  assert.match(errorOf(() => born.start(undefined)).message, /state \(root\): spawn/);
});

function errorOf(act: () => unknown): MillraceError {
  try {
    act();
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test.run();
