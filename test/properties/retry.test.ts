import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { createGroupSize } from '../../src/engine/live/group-size.ts';
import { backoffMs } from '../../src/engine/run/retry.ts';
import type { ErrorInfo } from '../../src/model/errors.ts';
import { suite } from '../support/suite.ts';

const test = suite('laws of retry schedules and group sizes');

const policies = fc.record({
  type: fc.constantFrom('exponential' as const, 'fixed' as const),
  // A wait doubles 52 times at most: from less than a millionth of a millisecond that leads nowhere.
  baseMs: fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e9, noNaN: true })),
  maxMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
  jitter: fc.boolean(),
});
const attempts = fc.integer({ min: 1, max: 1_000 });
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('a wait is a whole number from 0 to the longest, and without jitter no chance is in it', () => {
  fc.assert(
    fc.property(policies, attempts, chance, chance, (policy, attempt, one, other) => {
      const wait = backoffMs(policy, attempt, undefined, one);
      assert.ok(Number.isSafeInteger(wait) && wait >= 0 && wait <= Math.ceil(policy.maxMs), `${wait}`);
      if (!policy.jitter) assert.is(wait, backoffMs(policy, attempt, undefined, other));
    }),
  );
});

test('jitter takes at most the lower half, and the more chance says the longer is the wait', () => {
  fc.assert(
    fc.property(policies, attempts, chance, chance, (policy, attempt, one, other) => {
      const full = backoffMs({ ...policy, jitter: false }, attempt, undefined, 0);
      const [low, high] = [Math.min(one, other), Math.max(one, other)].map((random) =>
        backoffMs({ ...policy, jitter: true }, attempt, undefined, random),
      ) as [number, number];
      assert.ok(low >= Math.floor(full / 2) && high <= full + 1 && low <= high);
    }),
  );
});

test('no wait is shorter than the one before it, and an exponential one doubles until the longest', () => {
  fc.assert(
    fc.property(policies, attempts, (given, attempt) => {
      const policy = { ...given, jitter: false };
      const [now, next] = [attempt, attempt + 1].map((count) => backoffMs(policy, count, undefined, 0)) as [number, number];
      assert.ok(next >= now);
      if (policy.type === 'fixed') assert.is(next, now);
      else if (next < Math.floor(policy.maxMs)) assert.ok(Math.abs(next - 2 * now) <= 2, `${now} ${next}`);
    }),
  );
});

test('what an error asks for is what it gets', () => {
  fc.assert(
    fc.property(policies, attempts, chance, fc.nat(1e9), (policy, attempt, random, retryAfterMs) => {
      const error: ErrorInfo = { name: 'RetryError', message: '', category: 'error', retryAfterMs };
      assert.is(backoffMs(policy, attempt, error, random), retryAfterMs);
    }),
  );
});

const groups = fc.array(fc.tuple(fc.nat(2_000), fc.double({ min: 0, max: 1e7, noNaN: true })), { maxLength: 60 });

test('a group has from 1 to 512 batches, and grows at most fourfold, whatever groups took', () => {
  fc.assert(
    fc.property(groups, (taken) => {
      const size = createGroupSize();
      for (const [batches, ms] of taken) {
        const before = size.current();
        size.learn(batches, ms);
        const after = size.current();
        assert.ok(Number.isInteger(after) && after >= 1 && after <= 512, `${after}`);
        assert.ok(after <= before * 4);
      }
    }),
  );
});

test('long batches travel alone, and short ones in company, however it began', () => {
  fc.assert(
    fc.property(groups, fc.integer({ min: 1, max: 512 }), (taken, batches) => {
      const size = createGroupSize();
      for (const [count, ms] of taken) size.learn(count, ms);
      for (let group = 0; group < 100; group++) size.learn(batches, batches * 100);
      assert.is(size.current(), 1);
      for (let group = 0; group < 100; group++) size.learn(batches, batches * 0.001);
      assert.ok(size.current() > 100, `${size.current()}`);
    }),
  );
});

test.run();
