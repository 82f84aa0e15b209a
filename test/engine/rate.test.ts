import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { RetryError } from '../../src/model/errors.ts';
import { defineJob } from '../../src/model/job.ts';
import type { RatePolicy } from '../../src/model/rate.ts';
import { defineWork } from '../../src/model/work.ts';
import { openWorld, shared } from '../support/engine-world.ts';
import { manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';
import { until } from '../support/turns.ts';

const test = suite('how many batches may start within a time');

const minute = 60_000;

interface Asked {
  readonly item: string;
  readonly at: number;
}

/** A job that notes when it asked for what. An item with a `!` fails the first time. */
function askingJob(rate: RatePolicy<string, Input> | undefined, now: () => number) {
  const asked: Asked[] = [];
  const job = defineJob(
    defineWork({
      each: (item: string, { attempt }) => {
        asked.push({ item, at: now() });
        if (item.endsWith('!') && attempt === 1) throw new RetryError('not yet', { after: 0 });
        return item;
      },
    }),
    {
      name: 'asks',
      source: (input: Input) => input.items,
      chunk: byCount(1),
      combine: (left, right) => `${left} ${right}`,
      ...(rate && { rate }),
    },
  );
  return { job, asked };
}

interface Input {
  readonly items: readonly string[];
  readonly tenant?: string;
}

const letters = (count: number, name = 'i'): string[] => Array.from({ length: count }, (_, index) => `${name}${index}`);

/** No window of the length holds more starts than allowed. */
function mostWithin(asked: readonly Asked[], ms: number): number {
  return Math.max(...asked.map(({ at }) => asked.filter((one) => one.at >= at && one.at < at + ms).length));
}

test('a job starts as many batches as its rate allows, waits, says for what, and goes on: the result is the same', async () => {
  const clock = manualClock();
  const { job, asked } = askingJob({ limit: 10, per: '1m' }, clock.now);
  const { engine } = await openWorld([job], { clock });
  const session = await engine.start(job, { items: letters(25) });
  await until('it says what it waits for', async () => (await session.state()).waitingFor !== null);
  assert.is(asked.length, 10);
  assert.match((await session.state()).waitingFor ?? '', /^the rate of job asks: its next batch may start in 60\.\d s$/);
  await clock.advance(minute - 1);
  assert.is(asked.length, 10);
  await clock.advance(minute / 50);
  await until('twenty have started', () => asked.length === 20);
  assert.is((await session.state()).counts.batches.completed, 20);
  await clock.advance(2 * minute);
  assert.is(await session.result(), letters(25).join(' '));
  assert.is(mostWithin(asked, minute), 10);
  assert.is((await session.state()).waitingFor, null);
  await engine.close();
  assert.is(clock.pending({ background: true }), 0);
});

test('what is not yet allowed to start is not cut either, but for one group ahead', async () => {
  const clock = manualClock();
  let read = 0;
  const { job } = askingJob({ limit: 5, per: '1h' }, clock.now);
  const counting = {
    name: job.name,
    definition: {
      ...job.definition,
      source: function* () {
        for (; read < 100_000; read++) yield `i${read}`;
      },
    },
  } as typeof job;
  const { engine } = await openWorld([counting], { clock });
  const session = await engine.start(counting, { items: [] });
  await until('five are done', async () => (await session.state()).counts.batches.completed === 5);
  assert.ok(read < 100, `${read} were read`);
  await session.cancel('enough');
  await engine.close();
});

test('each key has a rate of its own, and none waits for another', async () => {
  const clock = manualClock();
  const rate = { limit: 2, per: '1s', key: (item: string) => item.slice(0, 1) } as const;
  const { job, asked } = askingJob(rate, clock.now);
  const { engine } = await openWorld([job], { clock });
  const items = [...letters(4, 'a'), ...letters(2, 'b'), ...letters(1, 'c')];
  const session = await engine.start(job, { items });
  await until('what may start has', () => asked.length === 5);
  assert.equal(asked.map(({ item }) => item).sort(), ['a0', 'a1', 'b0', 'b1', 'c0']);
  await clock.advance(1_010);
  assert.is(await session.result(), items.join(' '));
  await engine.close();
});

test('a rate holds over the sessions and hosts of a store, and over the death of one', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { job, asked } = askingJob({ limit: 4, per: '1m', key: (_, { tenant = '' }) => tenant }, clock.now);
  const [first, second] = [await openWorld([job], { clock, store }), await openWorld([job], { clock, store })];
  const sessions = [
    await first.engine.start(job, { items: letters(4, 'x'), tenant: 't' }),
    await second.engine.start(job, { items: letters(4, 'y'), tenant: 't' }),
    await second.engine.start(job, { items: letters(3, 'z'), tenant: 'u' }),
  ];
  await until('seven have started', () => asked.length === 7);
  await clock.advance(1_000);
  assert.is(asked.length, 7);
  await first.engine.close();
  const third = await openWorld([job], { clock, store });
  await third.engine.resume();
  await clock.advance(minute - 2_000);
  assert.is(asked.length, 7);
  await clock.advance(3 * minute);
  for (const { id } of sessions) assert.is((await third.engine.find(job, { id }))?.key, id);
  await until('all have started', () => asked.length === 11);
  assert.is(
    mostWithin(
      asked.filter(({ item }) => !item.startsWith('z')),
      minute,
    ),
    4,
  );
  await Promise.all([second.engine.close(), third.engine.close()]);
  assert.is(clock.pending({ background: true }), 0);
});

test('retries count', async () => {
  const clock = manualClock();
  const { job, asked } = askingJob({ limit: 3, per: '1m' }, clock.now);
  const { engine } = await openWorld([job], { clock });
  const session = await engine.start(job, { items: ['a!', 'b!', 'c'] });
  await until('three have started', () => asked.length === 3);
  await clock.advance(1_000);
  assert.is(asked.length, 3);
  await clock.advance(minute);
  assert.is(await session.result(), 'a! b! c');
  assert.is(mostWithin(asked, minute), 3);
  await engine.close();
});

test('a key that can not be told fails the session, saying so', async () => {
  const key = (): string => '';
  const { job } = askingJob({ limit: 1, per: '1s', key }, () => 0);
  const { engine } = await openWorld([job]);
  const outcome = await engine.run(job, { items: ['a', 'b'] });
  assert.is(outcome.status, 'failed');
  assert.match(outcome.error?.message ?? '', /asks: rate\.key must be a text that is not empty/);
  await engine.close();
});

test('a rate that can not be is refused', () => {
  const wrong: readonly [object, RegExp][] = [
    [{ limit: 0, per: '1m' }, /rate\.limit must be a whole number from 1 to 1000000/],
    [{ per: '1m' }, /rate\.limit must be given/],
    [{ limit: 1 }, /rate\.per must be given/],
    [{ limit: 1, per: '31d' }, /rate\.per must be at most 30 days/],
    [{ limit: 1, per: 0.5 }, /rate\.per must be a duration of at least 1 ms/],
    [{ limit: 1, per: '1m', keys: 1 }, /an option that exists/],
    [{ limit: 1, per: '1m', key: 'a' }, /rate\.key must be a function/],
  ];
  for (const [rate, message] of wrong) assert.throws(() => askingJob(rate as never, () => 0), message);
});

test.run();
