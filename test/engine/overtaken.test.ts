import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import type { Engine } from '../../src/engine/api/api.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { defineJob } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { gate, openWorld, shared } from '../support/engine-world.ts';
import { manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';
import { turns, until } from '../support/turns.ts';

const test = suite('what overtakes what');

function numbersJob(name = 'numbers') {
  return defineJob(defineWork({ each: (item: number) => item }), {
    name,
    source: (input: readonly number[]) => input,
    chunk: byCount(1),
    combine: (left, right) => left + right,
  });
}

test('a cancel that comes before the answer to the start ends the session', async () => {
  const clock = manualClock();
  const store = memory({ clock });
  const answer = gate();
  const slow = {
    ...store,
    moveSession: async (move: Parameters<typeof store.moveSession>[0]) => {
      const moved = await store.moveSession(move);
      if (move.to === 'running.streaming') await answer.opened;
      return moved;
    },
  };
  const job = numbersJob();
  const { engine } = await openWorld([job], { clock, store: slow });
  const session = await engine.start(job, [1, 2, 3]);
  await session.cancel('no');
  await turns(20);
  answer.open();
  const outcome = await session.outcome();
  assert.equal([outcome.status, outcome.error?.message], ['cancelled', 'no']);
  await engine.close();
});

test('a session that the store refuses to move on is given back, so that it can be resumed', async () => {
  const clock = manualClock();
  const store = memory({ clock });
  let refuses = true;
  const odd = {
    ...store,
    moveSession: async (move: Parameters<typeof store.moveSession>[0]) => {
      if (move.to === 'completed' && refuses) return { moved: false, session: await store.getSession(move.id) };
      return store.moveSession(move);
    },
  };
  const job = numbersJob();
  const { engine } = await openWorld([job], { clock, store: odd });
  const session = await engine.start(job, [1, 2, 3]);
  const error = await session.outcome().catch((thrown: Error) => thrown);
  assert.match((error as Error).message, /refused to move session .* finalizing; .* can be resumed/);
  refuses = false;
  const { resumed } = await engine.resume();
  assert.is(await resumed[0]?.result(), 6);
  await engine.close();
});

test('work in place can run another job in place, and no job waits for the slots of another', async () => {
  const inner = numbersJob('inner');
  let engine: Engine | undefined;
  const outer = defineJob(
    defineWork({ each: async (item: number) => (await (engine as Engine).run(inner, [item, item])).result ?? 0 }),
    { name: 'outer', source: (input: readonly number[]) => input, chunk: byCount(1), combine: (left, right) => left + right },
  );
  ({ engine } = await openWorld([inner, outer]));
  assert.is((await engine.run(outer, [1, 2, 3])).result, 12);
  await engine.close();
});

test('a store that can not be read for a moment, while a resume looks where to read on, is asked again', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  let isStuck = true;
  const job = defineJob(defineWork({ each: (item: number) => item }), {
    name: 'stuck',
    source: async function* (input: readonly number[]) {
      yield* input.slice(0, 3);
      if (isStuck) await new Promise<never>(() => undefined);
      yield* input.slice(3);
    },
    sourceAfter: (input, itemId) => input.slice(input.indexOf(Number(itemId)) + 1),
    itemId: String,
    chunk: byCount(1),
    combine: (left, right) => left + right,
  });
  const first = await openWorld([job], { clock, store });
  const session = await first.engine.start(job, [1, 2, 3, 4]);
  await until('three have completed', async () => {
    await clock.advance(20);
    return (await session.state()).counts.batches.completed === 3;
  });
  await first.engine.close();
  isStuck = false;
  let fails = true;
  const locked = {
    ...store,
    listBatches: async (filter: Parameters<typeof store.listBatches>[0]) => {
      if (fails && filter.numbers) {
        fails = false;
        throw new Error('database is locked');
      }
      return store.listBatches(filter);
    },
  };
  const second = await openWorld([job], { clock, store: locked });
  const { resumed } = await second.engine.resume();
  let result: unknown;
  void resumed[0]?.result().then(
    (value) => {
      result = value;
    },
    (error: unknown) => {
      result = error;
    },
  );
  await until('the session has ended', async () => {
    await clock.advance(100);
    return result !== undefined;
  });
  assert.is(result, 10);
  assert.is(fails, false);
  await second.engine.close();
});

test.run();
