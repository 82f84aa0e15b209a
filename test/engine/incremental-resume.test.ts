import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { Store } from '../../src/model/store.ts';
import { openWorld, shared } from '../support/engine-world.ts';
import { manualClock } from '../support/manual-clock.ts';
import { mortal } from '../support/mortal.ts';
import { type History, history, sumsJob } from '../support/range-sums.ts';
import { suite } from '../support/suite.ts';
import { until } from '../support/turns.ts';

const test = suite('incremental sessions whose host dies');

/** More than a lease that was stretched for work in place. */
const longDead = 4_000_000;

const size = 10;
const overlap = 2;

/** The ranges of a history, each with all that its sum depends on. */
function rangesOf({ readings, factor }: History): ReadonlyMap<string, string> {
  const starts = [...new Set(readings.map(({ at }) => Math.floor(at / size) * size))];
  return new Map(
    starts.map((from) => {
      const near = readings.filter(({ at }) => at >= from - overlap && at < from + size + overlap);
      return [String(from), JSON.stringify([near, factor])];
    }),
  );
}

/** A host that is killed at its n-th commit: before it is done, or before its answer comes. */
function killedAt(store: Store, commits: number, isDone: boolean): { store: Store; isDead(): boolean } {
  const { store: reachable, die, isDead } = mortal(store);
  let seen = 0;
  const doomed: Store = {
    ...reachable,
    async commit(commit) {
      if (++seen === commits) {
        if (isDone) await store.commit(commit);
        die();
      }
      return reachable.commit(commit);
    },
  };
  return { store: doomed, isDead };
}

interface Run {
  readonly times: readonly number[];
  readonly factor: number;
  /** At which commit its first host dies, and whether that commit is done. */
  readonly death: readonly [commit: number, isDone: boolean];
}

const runs: fc.Arbitrary<readonly Run[]> = fc.array(
  fc.record({
    times: fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 25 }).map((times) => times.sort((a, b) => a - b)),
    factor: fc.constantFrom(1, 1, 1, 2),
    death: fc.tuple(fc.integer({ min: 1, max: 14 }), fc.boolean()),
  }),
  { minLength: 2, maxLength: 4 },
);

/** What a run gives that nobody killed, and that no earlier one left anything for. */
async function alone(input: History): Promise<Outcome<unknown>> {
  const job = sumsJob([], { size, overlap });
  const { engine } = await openWorld([job]);
  const outcome = await engine.run(job, input);
  await engine.close();
  return outcome;
}

test('come to the same, and run the ranges that changed and no others', async () => {
  await fc.assert(
    fc.asyncProperty(runs, async (all) => {
      const clock = manualClock();
      const store = shared(memory({ clock }));
      const known = new Map<string, string>();
      for (const { times, factor, death } of all) {
        const input = { ...history(...times), factor };
        const ranges = rangesOf(input);
        const touched = [...ranges].flatMap(([range, text]) => (known.get(range) === text ? [] : [range]));
        for (const [range, text] of ranges) known.set(range, text);
        const ran: string[] = [];
        const job = sumsJob(ran, { size, overlap });
        const doomed = killedAt(store, ...death);
        const first = await openWorld([job], { clock, store: doomed.store });
        const { id } = await first.engine.start(job, input, { key: 'k' });
        await until('it is killed or done', async () => doomed.isDead() || (await store.getSession(id))?.state === 'completed');
        if (doomed.isDead()) await clock.advance(longDead);
        else await first.engine.close();
        const { engine } = await openWorld([job], { clock, store });
        await engine.resume();
        const outcome = await (await engine.find(job, { id }))?.outcome();
        await engine.close();
        const expected = await alone(input);
        assert.equal([outcome?.status, outcome?.result, outcome?.counters], ['completed', expected.result, expected.counters]);
        assert.equal(outcome?.counts.items, expected.counts.items);
        assert.equal([...new Set(ran)].sort(), touched.sort());
        assert.is(outcome?.counts.batches.cached ?? 0, ranges.size - touched.length);
      }
    }),
    { numRuns: 40 },
  );
});

test.run();
