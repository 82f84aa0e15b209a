import * as assert from 'uvu/assert';
import { type BatchContext, type BatchEvent, batchMachine } from '../../src/machines/batch-machine.ts';
import { compileRecordDriver, type RecordOf } from '../../src/machines/record-driver.ts';
import { suite } from '../support/suite.ts';
import { batchContext } from './chart-events.ts';

const test = suite('life of a batch');

type Batch = RecordOf<typeof batchMachine>;

const driver = compileRecordDriver(batchMachine);

function inState(state: Batch['state'], context: Partial<BatchContext> = {}): Batch {
  return { state, context: batchContext(context) };
}

function after(batch: Batch, ...events: BatchEvent[]): Batch {
  return events.reduce((record, event) => driver.step(record, event) ?? record, batch);
}

test('charges an attempt when it is claimed, and none when it is released', () => {
  const claimed = after(inState('pending'), { type: 'CLAIM', at: 0 });
  assert.equal(claimed, inState('running', { attempt: 1 }));
  assert.equal(after(claimed, { type: 'RELEASE', suspect: false }), inState('pending', { attempt: 0 }));
  assert.is(after(inState('running', { attempt: 0 }), { type: 'RELEASE', suspect: false }).context.attempt, 0);
});

test('stays suspect once it was', () => {
  const suspect = after(inState('running'), { type: 'RELEASE', suspect: true });
  assert.is(suspect.context.suspect, true);
  const again = after(suspect, { type: 'CLAIM', at: 0 }, { type: 'RELEASE', suspect: false });
  assert.is(again.context.suspect, true);
});

test('waits until it is due, and not a millisecond less', () => {
  const failed = after(inState('running', { attempt: 1 }), { type: 'FAIL', retryable: true, retryAt: 50 });
  assert.equal(failed, inState('failed.waiting', { attempt: 1, retryAt: 50 }));
  assert.is(driver.step(failed, { type: 'CLAIM', at: 49 }), undefined);
  assert.equal(after(failed, { type: 'CLAIM', at: 50 }), inState('running', { attempt: 2, retryAt: null }));
});

for (const [type, status, from] of [
  ['FAIL', 'failed', 'running'],
  ['CRASH', 'crashed', 'running'],
  ['DECIDE', 'crashed', 'crashed.deciding'],
] as const) {
  test(`on ${type} tries again first, isolates next, and gives up last`, () => {
    const end = (context: Partial<BatchContext>, bad: { retryable: boolean; isolatable?: boolean }): string =>
      after(inState(from, context), { type, retryAt: 50, ...bad }).state;
    assert.is(end({ attempt: 2 }, { retryable: true, isolatable: true }), `${status}.waiting`);
    assert.is(end({ attempt: 3 }, { retryable: true, isolatable: true }), `${status}.isolating`);
    assert.is(end({ attempt: 2 }, { retryable: false, isolatable: true }), `${status}.isolating`);
    assert.is(end({ attempt: 2, canIsolate: false }, { retryable: false, isolatable: true }), `${status}.dead`);
    assert.is(end({ attempt: 2 }, { retryable: false }), `${status}.dead`);
    assert.is(end({ attempt: 7 }, { retryable: true }), `${status}.dead`);
  });
}

test('is decided by its coordinator after a rescue, or released', () => {
  const rescued = after(inState('running', { attempt: 1 }), { type: 'RESCUE' });
  assert.is(rescued.state, 'crashed.deciding');
  assert.is(driver.step(rescued, { type: 'CLAIM', at: 1_000 }), undefined);
  assert.equal(after(rescued, { type: 'RELEASE', suspect: true }), inState('pending', { attempt: 0, suspect: true }));
});

test('starts anew when it is replayed', () => {
  const replayed = after(inState('crashed.dead', { attempt: 3 }), { type: 'REPLAY' });
  assert.equal(replayed, inState('pending', { attempt: 0 }));
});

test('keeps no payload that is not a moment: a retry without one is due at once', () => {
  const failed = after(inState('running', { attempt: 1 }), { type: 'FAIL', retryable: true, retryAt: Number.NaN });
  assert.is(failed.context.retryAt, null);
  assert.is(after(failed, { type: 'CLAIM', at: 0 }).state, 'running');
});

test.run();
