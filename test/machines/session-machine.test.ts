import * as assert from 'uvu/assert';
import { compileRecordDriver, type RecordOf } from '../../src/machines/record-driver.ts';
import { type SessionContext, type SessionEvent, sessionMachine } from '../../src/machines/session-machine.ts';
import { suite } from '../support/suite.ts';
import { sessionContext } from './chart-events.ts';

const test = suite('life of a session');

type Session = RecordOf<typeof sessionMachine>;

const driver = compileRecordDriver(sessionMachine);

function inState(state: Session['state'], context: Partial<SessionContext> = {}): Session {
  return { state, context: sessionContext(context) };
}

function after(session: Session, ...events: (SessionEvent | SessionEvent['type'])[]): Session {
  const asEvent = (event: SessionEvent | SessionEvent['type']): SessionEvent =>
    typeof event === 'string' ? ({ type: event } as SessionEvent) : event;
  return events.reduce<Session>((record, event) => driver.step(record, asEvent(event)) ?? record, session);
}

test('completes an empty input, and one of which anything completed', () => {
  const draining = inState('running.draining', { sourceEnded: true });
  assert.is(after(draining, { type: 'BARRIER', total: 0, completed: 0, dead: 0 }).state, 'finalizing');
  assert.is(after(draining, { type: 'BARRIER', total: 3, completed: 1, dead: 2 }, 'FINALIZED').state, 'completed');
});

test('fails when nothing completed, or when something is dead that must not be', () => {
  const barrier = { type: 'BARRIER', total: 3, completed: 2, dead: 1 } as const;
  assert.is(after(inState('running.draining'), { ...barrier, completed: 0, dead: 3 }).state, 'failed');
  assert.is(after(inState('running.draining', { partial: 'forbid' }), barrier).state, 'failed');
  assert.is(after(inState('running.draining', { partial: 'forbid' }), { ...barrier, completed: 3, dead: 0 }).state, 'finalizing');
});

test('passes the barrier only once the source has ended', () => {
  const streaming = after(driver.start({}), 'START');
  assert.is(streaming.state, 'running.streaming');
  assert.is(driver.step(streaming, { type: 'BARRIER', total: 0, completed: 0, dead: 0 }), undefined);
});

test('is resumed to where it was, wherever that is', () => {
  const states: Session[] = [
    driver.start({}),
    after(driver.start({}), 'START'),
    after(driver.start({}), 'START', 'SOURCE_ENDED'),
    after(driver.start({}), 'START', 'SOURCE_ENDED', { type: 'BARRIER', total: 0, completed: 0, dead: 0 }),
  ];
  for (const session of states) {
    const crashed = after(session, 'CRASH');
    assert.is(crashed.state, 'crashed');
    assert.equal(after(crashed, 'RESUME'), session, `back to ${session.state}`);
  }
});

test('opens the next generation by a replay, and is resumed to draining from there', () => {
  for (const state of ['completed', 'failed'] as const) {
    const replayed = after(inState(state), 'REPLAY');
    assert.equal(replayed, inState('running.draining', { generation: 2, sourceEnded: true }));
    assert.is(after(replayed, 'CRASH', 'RESUME').state, 'running.draining');
  }
});

test('is paused beside its state', () => {
  for (const state of ['pending', 'running.streaming', 'running.draining', 'finalizing', 'crashed'] as const) {
    assert.equal(after(inState(state), 'PAUSE'), inState(state, { paused: true }));
    assert.equal(after(inState(state), 'PAUSE', 'UNPAUSE'), inState(state));
  }
  for (const state of ['completed', 'failed', 'cancelled'] as const) {
    assert.is(driver.step(inState(state), { type: 'PAUSE' }), undefined, `${state} cannot be held`);
  }
});

test('is left for good only when it was cancelled', () => {
  assert.is(driver.step(inState('cancelled'), { type: 'REPLAY' }), undefined);
});

test.run();
