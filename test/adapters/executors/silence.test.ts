import * as assert from 'uvu/assert';
import { checkLimits, describeLimit } from '../../../src/adapters/worker/limits.ts';
import { monotonicMs } from '../../../src/adapters/worker/monotonic-clock.ts';
import { openNote } from '../../../src/adapters/worker/note.ts';
import { suite } from '../../support/suite.ts';

const test = suite('a worker that falls silent');

const limits = { itemTimeoutMs: 500 };

function ended() {
  const note = openNote();
  note.prepare();
  note.startTask(0);
  note.endTask();
  return note.read();
}

test('between two batches, or after the last, has a minute to answer', () => {
  assert.is(checkLimits(ended(), limits, monotonicMs() + 59_000).passed, undefined);
  const { passed } = checkLimits(ended(), limits, monotonicMs() + 60_001);
  assert.equal([passed?.scope, passed?.category], ['answer', 'stalled']);
  assert.match(passed ? describeLimit(passed) : '', /gave no answer for 60000 ms/);
});

test('is left alone where no limit was asked for', () => {
  assert.is(checkLimits(ended(), {}, monotonicMs() + 3_600_000).passed, undefined);
});

test('is not silent while a batch runs within its limits', () => {
  const note = openNote();
  note.prepare();
  note.startTask(0);
  assert.is(checkLimits(note.read(), { timeoutMs: 3_600_000 }, monotonicMs() + 600_000).passed, undefined);
});

test.run();
