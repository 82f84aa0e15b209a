import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { openGate } from '../../src/adapters/executors/gate.ts';
import { createScheduler, type Feed, type Pulled } from '../../src/engine/live/schedule.ts';
import { suite } from '../support/suite.ts';

const test = suite('laws of the scheduler');

interface Source extends Feed<number> {
  readonly name: number;
  left: number;
  given: number;
}

function source(name: number, left: number, priority: number, size: number): Source {
  const made: Source = {
    name,
    left,
    priority,
    given: 0,
    groupSize: () => size,
    take(limit) {
      const count = Math.min(limit, made.left);
      made.left -= count;
      made.given += count;
      return Array.from({ length: count }, (_, index) => index);
    },
  };
  return made;
}

const sources = fc.array(fc.tuple(fc.nat(30), fc.integer({ min: -2, max: 2 }), fc.integer({ min: 1, max: 8 })), {
  minLength: 1,
  maxLength: 8,
});
const lanes = fc.integer({ min: 1, max: 6 });
/** Which of the held groups is let go next. */
const order = fc.array(fc.nat(), { minLength: 1, maxLength: 20 });

/** Runs all that the sources have; `look` sees each group and what is held with it. */
function run(
  made: readonly Source[],
  count: number,
  releases: readonly number[],
  look: (pulled: Pulled<Source, number>, held: readonly Pulled<Source, number>[]) => void,
): void {
  const scheduler = createScheduler<Source, number>(count);
  const held: Pulled<Source, number>[] = [];
  for (const one of made) scheduler.add(one);
  scheduler.groups$.subscribe((pulled) => {
    held.push(pulled);
    look(pulled, held);
  });
  for (let step = 0; held.length > 0; step++) {
    const at = (releases[step % releases.length] ?? 0) % held.length;
    held.splice(at, 1)[0]?.release();
  }
  scheduler.close();
}

test('everything is given out once, never more groups at once than lanes, nor larger ones than asked for', () => {
  fc.assert(
    fc.property(sources, lanes, order, (given, count, releases) => {
      const made = given.map(([left, priority, size], name) => source(name, left, priority, size));
      run(made, count, releases, ({ batches, feed }, held) => {
        assert.ok(held.length <= count);
        assert.ok(batches.length >= 1 && batches.length <= feed.groupSize());
      });
      assert.equal(
        made.map(({ given: got, left }) => [got, left]),
        given.map(([left]) => [left, 0]),
      );
    }),
  );
});

test('as long as somebody of a higher priority has something, nobody of a lower one is served', () => {
  fc.assert(
    fc.property(sources, lanes, order, (given, count, releases) => {
      const made = given.map(([left, priority, size], name) => source(name, left, priority, size));
      run(made, count, releases, ({ feed }) => {
        const ahead = made.filter(({ priority, left }) => priority > feed.priority && left > 0);
        assert.equal(
          ahead.map(({ name }) => name),
          [],
        );
      });
    }),
  );
});

test('those of one priority who all have something are served in turn: none is two groups ahead of another', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 8 }), lanes, order, (count, free, releases) => {
      const made = Array.from({ length: count }, (_, name) => source(name, 40, 0, 1));
      const served = new Array<number>(count).fill(0);
      run(made, free, releases, ({ feed }) => {
        served[feed.name] = (served[feed.name] ?? 0) + 1;
        const waiting = served.filter((_, name) => (made[name]?.left ?? 0) > 0);
        if (waiting.length > 1) assert.ok(Math.max(...waiting) - Math.min(...waiting) <= 1, served.join());
      });
    }),
  );
});

/** Runs groups that take their feed's time, in order of their ends, for so long; answers the work that each feed was given. */
function workGiven(times: readonly number[], count: number, untilMs: number): readonly number[] {
  const made = times.map((_, name) => source(name, 1_000_000, 0, 1));
  const given = times.map(() => 0);
  const held: { readonly endsAt: number; readonly pulled: Pulled<Source, number> }[] = [];
  const scheduler = createScheduler<Source, number>(count);
  let now = 0;
  scheduler.groups$.subscribe((pulled) => held.push({ endsAt: now + (times[pulled.feed.name] ?? 0), pulled }));
  for (const one of made) scheduler.add(one);
  while (now < untilMs) {
    held.sort((left, right) => left.endsAt - right.endsAt);
    const next = held.shift();
    if (!next) break;
    now = next.endsAt;
    const { name } = next.pulled.feed;
    given[name] = (given[name] ?? 0) + (times[name] ?? 0) + 1;
    next.pulled.release(times[name]);
  }
  scheduler.close();
  return given;
}

test('those of one priority who always have something are given the same time of work, but for a group a lane', () => {
  const times = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(times, lanes, (given, count) => {
      const work = workGiven(given, count, 20_000);
      const longest = Math.max(...given) + 1;
      // What a feed's first groups take is not known yet when they are given out.
      const bound = longest * (count + 1);
      assert.ok(Math.max(...work) - Math.min(...work) <= bound, `${work.join()} for ${given.join()}`);
    }),
  );
});

test('a gate lets through as many at once as it has places, everybody in the end, first come first served', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 30 }), order, async (places, count, releases) => {
      const gate = openGate(places);
      const open: (() => void)[] = [];
      const entered: number[] = [];
      const runs = Array.from({ length: count }, (_, index) =>
        gate.through(() => {
          entered.push(index);
          return new Promise<void>((resolve) => open.push(resolve));
        }, new AbortController().signal),
      );
      for (let step = 0; entered.length < count || open.length > 0; step++) {
        await new Promise((resolve) => setImmediate(resolve));
        assert.ok(open.length <= places);
        const at = (releases[step % releases.length] ?? 0) % Math.max(1, open.length);
        open.splice(at, 1)[0]?.();
      }
      await Promise.all(runs);
      assert.equal(
        entered,
        [...entered].sort((left, right) => left - right),
      );
    }),
    { numRuns: 50 },
  );
});

test.run();
