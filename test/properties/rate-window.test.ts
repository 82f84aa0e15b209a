import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { openRateGate, type RateStarts } from '../../src/adapters/stores/rate-window.ts';
import type { Token } from '../../src/model/ids.ts';
import { suite } from '../support/suite.ts';

const test = suite('the window of a rate');

/** A counter as stores keep it, and when everything started. */
function counter(limit: number, perMs: number) {
  let kept: RateStarts = [];
  let tokens = 0;
  const starts: number[] = [];
  return {
    starts,
    kept: () => kept,
    /** Asks for so many starts. Answers when the next can be, if some could not. */
    ask(count: number, now: number): number | undefined {
      const asked = Array.from({ length: count }, () => `t${tokens++}` as Token);
      const rate = { limit, perMs, buckets: asked.map(() => 'b') };
      const gate = openRateGate({ tokens: asked, numbers: asked.map((_, index) => index), rate }, () => kept, now);
      for (const token of asked) {
        if (!gate?.admits(token)) continue;
        gate.started(token);
        starts.push(now);
      }
      kept = gate?.changed().get('b') ?? kept;
      return gate?.held()[0]?.until;
    },
  };
}

const limits = fc.integer({ min: 1, max: 20 });
const windows = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 200, max: 100_000 }));
/** Waits in hundredths of the window, and how many are asked for then. */
const steps = fc.array(fc.tuple(fc.nat(150), fc.integer({ min: 1, max: 12 })), { minLength: 1, maxLength: 60 });

test('no window holds more starts than the limit, wherever it begins, and little is kept of them', () => {
  fc.assert(
    fc.property(limits, windows, steps, fc.nat(1_000_000), (limit, perMs, asked, beginning) => {
      const { starts, ask, kept } = counter(limit, perMs);
      let now = beginning;
      for (const [wait, count] of asked) {
        now += Math.floor((wait * perMs) / 100);
        ask(count, now);
        assert.ok(kept().length <= 102, `${kept().length} moments are kept`);
      }
      for (const from of starts) {
        const within = starts.filter((at) => at >= from && at < from + perMs).length;
        assert.ok(within <= limit, `${within} starts from ${from - beginning} on`);
      }
    }),
  );
});

test('what waits is let through at the moment that was told, not before, and at most a hundredth of the window late', () => {
  fc.assert(
    fc.property(limits, windows, steps, (limit, perMs, asked) => {
      const { starts, ask } = counter(limit, perMs);
      let now = 1_000_000;
      for (const [wait, count] of asked) {
        now += Math.floor((wait * perMs) / 100);
        const until = ask(count, now);
        if (until === undefined) continue;
        const before = starts.length;
        assert.ok(until > now);
        assert.is(ask(1, until - 1), until);
        assert.is(starts.length, before);
        const oldest = starts[before - limit] ?? 0;
        assert.ok(until - (oldest + perMs) <= Math.ceil(perMs / 100), `${until - oldest} ms after a start, of ${perMs}`);
        now = until;
        ask(1, now);
        assert.is(starts.length, before + 1);
      }
    }),
  );
});

test.run();
