import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import { byCount, byRange } from '../../src/model/chunkers.ts';
import { systemClock } from '../../src/model/clock.ts';
import { PermanentError } from '../../src/model/errors.ts';
import type { MillraceEvent } from '../../src/model/events.ts';
import type { AnyIncrementalPolicy } from '../../src/model/incremental.ts';
import { type AnyJob, defineJob } from '../../src/model/job.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { type Chunk, defineWork, type WorkContext } from '../../src/model/work.ts';
import { openWorld } from '../support/engine-world.ts';
import { manualClock } from '../support/manual-clock.ts';
import { type History, history, oddValues, ofUser, type SumsOptions, sumsJob } from '../support/range-sums.ts';
import { suite } from '../support/suite.ts';

const test = suite('incremental sessions');

function cachedIn({ counts }: Outcome<unknown>): number | undefined {
  return counts.batches.cached;
}

/** A world whose time passes, for what is tried again. */
function openLivingWorld(jobs: readonly AnyJob[]): ReturnType<typeof openWorld> {
  return openWorld(jobs, { clock: systemClock, store: memory() });
}

/** What a run gives that no earlier one has left anything for. */
async function alone(job: AnyJob, input: History): Promise<unknown> {
  const { engine } = await openWorld([job]);
  const { result, counters } = (await engine.run(job as never, input as never)) as Outcome<unknown>;
  await engine.close();
  return { result, counters };
}

const times = [1, 5, 9, 11, 15, 21, 35];

test('run nothing again of an input that did not change, and give the same', async () => {
  const ran: string[] = [];
  const job = sumsJob(ran);
  const { engine } = await openWorld([job]);
  const first = await engine.run(job, history(...times));
  assert.equal(ran.splice(0), ['0', '10', '20', '30']);
  assert.is(cachedIn(first), undefined);
  const second = await engine.run(job, history(...times));
  assert.equal(ran, []);
  assert.is(cachedIn(second), 4);
  assert.equal([second.result, second.counters, second.counts.items], [first.result, first.counters, first.counts.items]);
});

test('run the ranges that changed, and those whose overlap did', async () => {
  const ran: string[] = [];
  const job = sumsJob(ran);
  const { engine } = await openWorld([job]);
  await engine.run(job, history(...times));
  ran.length = 0;
  for (const [now, expected] of [
    [[...times, 45], ['40']],
    [[1, 2, 5, 9, 11, 15, 21, 35, 45], ['0']],
    [
      [1, 2, 5, 8, 9, 11, 15, 21, 35, 45],
      ['0', '10'],
    ],
    [
      [1, 2, 5, 8, 9, 15, 21, 35, 45],
      ['0', '10'],
    ],
    [[1, 2, 5, 8, 9, 35, 45], []],
  ] as const) {
    const outcome = await engine.run(job, history(...now));
    assert.equal(ran.splice(0), expected, now.join());
    assert.equal({ result: outcome.result, counters: outcome.counters }, await alone(sumsJob([]), history(...now)));
  }
});

test('take nothing of another version, size, overlap, setting or series', async () => {
  const ran: string[] = [];
  const store = memory({ clock: manualClock() });
  const with4 = async (options: SumsOptions, input: History): Promise<number> => {
    const job = sumsJob(ran, options);
    const { engine } = await openWorld([job], { store: { ...store, close: async () => undefined } });
    await engine.run(job, input);
    await engine.close();
    return ran.splice(0).length;
  };
  const input = history(...times);
  assert.is(await with4({}, input), 4);
  assert.is(await with4({}, { ...input, user: 'bob' }), 4);
  assert.is(await with4({ version: '2' }, { ...input, user: 'bob' }), 4);
  assert.is(await with4({ size: 20 }, input), 2);
  assert.is(await with4({ overlap: 0 }, input), 4);
  assert.is(await with4({ overlap: 0 }, { ...input, factor: 2 }), 4);
  assert.is(await with4({ overlap: 0 }, { ...input, factor: 2 }), 0);
  const sameSettings = { ...ofUser, settings: () => 'none' };
  assert.is(await with4({ policy: sameSettings }, input), 4);
  assert.is(await with4({ policy: sameSettings }, { ...input, factor: 3 }), 0);
});

test('leave and take nothing without a series', async () => {
  const ran: string[] = [];
  const job = sumsJob(ran, { policy: { series: ({ user }) => (user === 'ann' ? null : user) } });
  const { engine } = await openWorld([job]);
  await engine.run(job, history(1));
  assert.is(cachedIn(await engine.run(job, history(1))), undefined);
  assert.equal(ran, ['0', '0']);
});

test('leave nothing of a batch that failed, gave something up, or was without an item that died', async () => {
  const ran: string[] = [];
  let poison: unknown = 9;
  const runs: SumsOptions['run'] = (value, _, before) => {
    if (value === poison) throw new PermanentError('no luck');
    // The range behind comes through only when it does not see any more what died.
    if (before.some((neighbour) => neighbour.value === poison)) throw new Error('later');
    return value as number;
  };
  const job = sumsJob(ran, { run: runs });
  const { engine } = await openLivingWorld([job]);
  const broken = await engine.run(job, history(...times), { retry: { attempts: 100, backoff: { base: 0 } } });
  assert.equal([broken.status, broken.counts.items.failed], ['completed', 1]);
  ran.length = 0;
  poison = null;
  const mended = await engine.run(job, history(...times));
  assert.equal(ran.splice(0), ['0', '10']);
  assert.equal({ result: mended.result, counters: mended.counters }, await alone(sumsJob([]), history(...times)));
  poison = 9;
  // What is in the cache was computed when it was sound: the poison is not met again, and nothing is lost.
  const cached = await engine.run(job, history(...times));
  assert.equal([ran.splice(0), cached.result, cachedIn(cached)], [[], mended.result, 4]);
});

test('leave nothing of a chunk that gave up an item itself', async () => {
  const ran: string[] = [];
  const job = sumsJob(ran, {
    run(value, context) {
      if (value === 1) context.fail(0, new Error('no luck'));
      return value as number;
    },
  });
  const { engine } = await openWorld([job]);
  await engine.run(job, history(1, 2, 11));
  const again = await engine.run(job, history(1, 2, 11));
  assert.equal(ran, ['0', '10', '0']);
  assert.is(again.counts.items.failed, 1);
});

test('do a batch again without a neighbour that died, though the cache has it with that one', async () => {
  const ran: string[] = [];
  let poison: unknown = null;
  const runs = (value: unknown): number => {
    if (value === poison) throw new Error('no luck');
    return value as number;
  };
  const job = sumsJob(ran, { run: runs });
  const { engine } = await openLivingWorld([job]);
  await engine.run(job, history(9, 11));
  poison = 9;
  ran.length = 0;
  // Another reading in the first range: it is run, and loses 9; the second range is as it was.
  const outcome = await engine.run(job, history(2, 9, 11));
  assert.equal(outcome.result, ['0: 2 after ', '10: 11 after ']);
  assert.is(cachedIn(outcome), undefined);
  assert.is(outcome.counts.items.failed, 1);
});

test('keep what was completed by a second attempt of the whole batch', async () => {
  const ran: string[] = [];
  let luck = 0;
  const job = sumsJob(ran, {
    run: (value) => {
      if (luck++ === 0) throw new Error('not yet');
      return value as number;
    },
  });
  const { engine } = await openLivingWorld([job]);
  assert.is((await engine.run(job, history(1))).status, 'completed');
  assert.is(cachedIn(await engine.run(job, history(1))), 1);
});

test('tell of each batch that the cache completed', async () => {
  const job = sumsJob([]);
  const { engine } = await openWorld([job]);
  await engine.run(job, history(1, 11));
  const session = await engine.start(job, history(1, 11, 12));
  const events: MillraceEvent[] = [];
  for await (const event of session.events()) events.push(event);
  const completed = events.filter((event) => event.type === 'batch.completed');
  assert.equal(
    completed.map((event) => [event.number, event.cached]),
    [
      [0, true],
      [1, undefined],
    ],
  );
  const times = await engine.queries.times();
  assert.is(times[0]?.batches, 3);
});

test('run batches of which nothing exact can be said, and tell of it once', async () => {
  const ran: string[] = [];
  const job = sumsJob(ran, { run: () => 1 });
  const { engine, lines } = await openWorld([job]);
  for (const odd of oddValues.keys()) await engine.run(job, { ...history(1, 11, 21), odd });
  assert.is(ran.length, 12);
  assert.is(lines.filter(({ message }) => message.startsWith('chunks are not cached')).length, 3);
});

test('take a damaged entry for none, tell of it, and mend it', async () => {
  const ran: string[] = [];
  const job = sumsJob(ran);
  const good = memory({ clock: manualClock() });
  let damage: string | Uint8Array | undefined;
  const store = {
    ...good,
    findCached: async (filter: Parameters<typeof good.findCached>[0]) => {
      const found = await good.findCached(filter);
      return damage === undefined ? found : found.map((one) => one && { ...one, output: damage as string });
    },
  };
  const { engine, lines } = await openWorld([job], { store });
  await engine.run(job, history(1, 11));
  for (damage of ['{"cut', new Uint8Array([1, 2, 3])]) {
    ran.length = 0;
    const outcome = await engine.run(job, history(1, 11));
    assert.equal(
      [ran, outcome.result],
      [
        ['0', '10'],
        ['0: 1 after ', '10: 11 after '],
      ],
    );
  }
  assert.is(lines.filter(({ message }) => message === 'cached output unreadable: the batch is run').length, 4);
  damage = undefined;
  assert.is(cachedIn(await engine.run(job, history(1, 11))), 2);
});

test('outlive the sessions that left them, and are deleted when asked', async () => {
  const job = sumsJob([]);
  const { engine, clock } = await openWorld([job]);
  const again = async (user: string): Promise<number | undefined> => cachedIn(await engine.run(job, { ...history(1, 11), user }));
  for (const user of ['ann', 'bob']) await again(user);
  await clock.advance(60_000);
  assert.is(await engine.prune({ olderThan: '1s' }), 2);
  assert.equal([await again('ann'), await again('bob')], [2, 2]);
  assert.is(await engine.prune({ cache: { job, series: 'ann' } }), 2);
  assert.equal([await again('ann'), await again('bob')], [undefined, 2]);
  await clock.advance(60_000);
  await again('bob');
  assert.is(await engine.prune({ cache: { unusedFor: '1m' } }), 0);
  await clock.advance(1);
  assert.is(await engine.prune({ cache: { unusedFor: '1m' } }), 2);
  assert.equal([await again('bob'), await again('ann')], [2, undefined]);
  assert.is(await engine.prune({ cache: {} }), 4);
});

test('hold for each work too, with items that give nothing, and not for items that were tried again', async () => {
  let luck = 1;
  const ran: number[] = [];
  const work = defineWork({
    each: (value: number, context: WorkContext) => {
      ran.push(value);
      context.count('seen');
      if (value === 13 && luck-- > 0) throw new Error('not yet');
      return value % 2 === 0 ? undefined : [value];
    },
  });
  const job = defineJob(work, {
    name: 'odd',
    source: (values: readonly number[]) => values,
    chunk: byRange({ key: (value: number) => value, size: 10, overlap: 0 }),
    combine: (left, right) => [...(left ?? []), ...(right ?? [])],
    retry: { backoff: { base: 0 } },
    incremental: { series: () => 'all' },
  });
  const { engine } = await openLivingWorld([job]);
  const values = [1, 2, 3, 12, 13, 22, 24];
  const first = await engine.run(job, values);
  ran.length = 0;
  const second = await engine.run(job, values);
  assert.equal(ran, [12, 13]);
  assert.equal([second.result, second.counters], [[1, 3, 13], first.counters]);
  assert.equal(second.counts.items, first.counts.items);
  assert.is(cachedIn(second), 2);
});

test('take slices that say their range and contents, and run those that say none', async () => {
  const ran: string[] = [];
  const contents = new Map([
    ['mon', 'a'],
    ['tue', 'b'],
  ]);
  const work = defineWork({
    chunk: ({ slice }: Chunk<unknown, string>) => {
      ran.push(slice);
      return `${slice}=${contents.get(slice)}`;
    },
  });
  const job = defineJob(work, {
    name: 'days',
    slices: (days: readonly string[]) => days,
    combine: (left, right) => `${left} ${right}`,
    incremental: {
      series: () => 'all',
      part: (slice) => (slice === 'today' ? undefined : { range: slice, content: contents.get(slice) ?? '-' }),
    },
  });
  const { engine } = await openWorld([job]);
  const days = ['mon', 'tue', 'today'];
  await engine.run(job, days);
  ran.length = 0;
  contents.set('tue', 'c');
  assert.is((await engine.run(job, days)).result, 'mon=a tue=c today=undefined');
  assert.equal(ran.splice(0), ['tue', 'today']);
  assert.is((await engine.run(job, ['today', 'mon'])).result, 'today=undefined mon=a');
  assert.equal(ran, ['today']);
});

test('refuse policies that can mean nothing', async () => {
  const work = defineWork({ each: (value: number) => value });
  const define =
    (incremental: AnyIncrementalPolicy, chunk = byCount(3) as never) =>
    () =>
      defineJob(work, { name: 'odd', source: (values: readonly number[]) => values, chunk, incremental: incremental as never });
  const ranged = byRange({ key: (value: number) => value }) as never;
  assert.throws(define({ series: () => 'a' }), /byRange or slices/);
  assert.throws(define({ series: 'a' as never }, ranged), /incremental\.series/);
  assert.throws(define({ series: () => 'a', part: () => undefined }, ranged), /incremental\.part/);
  const job = define({ series: () => '' }, ranged)();
  const { engine } = await openWorld([job]);
  const refused: unknown = await engine.run(job, [1]).catch((error: unknown) => error);
  assert.match(String(refused), /incremental\.series/);
});

test.run();
