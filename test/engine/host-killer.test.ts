import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import { byCount } from '../../src/model/chunkers.ts';
import type { AnyJob } from '../../src/model/job.ts';
import { defineJob } from '../../src/model/job.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { defineWork } from '../../src/model/work.ts';
import { collect, openWorld, shared } from '../support/engine-world.ts';
import { manualClock } from '../support/manual-clock.ts';
import { type Mortal, mortal } from '../support/mortal.ts';
import { suite } from '../support/suite.ts';
import { turns } from '../support/turns.ts';

const test = suite('what kills its host');

/** Longer than a lease is stretched for work that may block its host. */
const longDead = 7_200_000;
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const forEver = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** Hosts, one after another, on one store: each takes on what the last one left, until the session has ended. */
async function hostAfterHost<Job extends AnyJob>(makeJob: (kill: () => Promise<never>) => Job, most = 20) {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  let deaths = 0;
  let id: string | undefined;
  while (deaths < most) {
    const host: Mortal = mortal(store);
    const kill = (): Promise<never> => {
      host.die();
      return forEver();
    };
    const job = makeJob(kill);
    const { engine } = await openWorld([job], { clock, store: host.store, resume: 'manual' });
    if (id === undefined) void engine.start(job as never, 20 as never).then((session) => (id = session.id));
    else void engine.resume();
    const ended = async (): Promise<boolean> => {
      const record = id === undefined ? undefined : await store.getSession(id as never);
      return record?.state === 'completed' || record?.state === 'failed';
    };
    let isOver = false;
    for (let round = 0; round < 1_000 && !host.isDead() && !isOver; round++) {
      await turns(5);
      await clock.advance(200);
      isOver = await ended();
    }
    if (host.isDead()) {
      deaths++;
      await clock.advance(longDead);
    } else if (isOver) {
      const found = await engine.find(job as never, { id: id as string });
      const outcome = (await found?.outcome()) as Outcome<unknown>;
      const letters = await collect(found?.deadLetters() ?? none());
      await engine.close();
      return { outcome, deaths, letters: letters.map(({ itemId }) => itemId), store, id: id as string };
    }
  }
  throw new Error(`${deaths} hosts died, and the session did not end.`);
}

async function* none(): AsyncGenerator<never> {}

function numbersJob(over: {
  each?: (item: number) => unknown;
  source?: (count: number) => AsyncGenerator<number> | number[];
  combine?: (left: number[], right: number[]) => number[];
  finalize?: () => unknown;
  undo?: (context: { finalizeId: string }) => void;
  concurrency?: number;
}) {
  const {
    each = (item) => [item],
    source = upTo,
    concurrency = 1,
    combine = (left, right) => [...left, ...right],
    finalize,
    undo,
  } = over;
  return defineJob(defineWork({ each: each as (item: number) => number[] }), {
    name: 'numbers',
    source,
    chunk: byCount(2),
    combine,
    concurrency,
    itemId: (item) => `item-${item}`,
    ...(finalize && { finalize }),
    ...(undo && { undo }),
  });
}

test('work in place that kills its host is given up after so many hosts, and nothing else is', async () => {
  const { outcome, deaths, letters } = await hostAfterHost((kill) =>
    numbersJob({ each: (item) => (item === 7 ? kill() : [item]), concurrency: 4 }),
  );
  assert.is(outcome.status, 'completed', outcome.error?.message);
  assert.equal(letters, ['item-6..item-7']);
  assert.equal(
    outcome.result,
    upTo(20).filter((item) => item !== 6 && item !== 7),
  );
  assert.is(deaths, 6, 'one with others, five alone');
});

test('after a death, what may have done it runs with nothing else on the host', async () => {
  let hosts = 0;
  let most = 0;
  const { outcome, deaths } = await hostAfterHost((kill) => {
    const host = ++hosts;
    let atWork = 0;
    return numbersJob({
      each: async (item) => {
        atWork++;
        if (host === 1 && atWork === 4) return kill();
        // Four batches were at work on the first host: items 0 to 7.
        if (host > 1 && item < 8) most = Math.max(most, atWork);
        await turns(2);
        atWork--;
        return [item];
      },
      concurrency: 4,
    });
  });
  assert.is(deaths, 1);
  assert.is(outcome.status, 'completed');
  assert.is(most, 1);
});

test('a source that kills its host ends the session after five hosts', async () => {
  const { outcome, deaths } = await hostAfterHost((kill) =>
    numbersJob({
      source: async function* (count) {
        for (const item of upTo(count)) {
          if (item === 11) await kill();
          yield item;
        }
      },
    }),
  );
  assert.is(outcome.status, 'failed');
  assert.is(outcome.error?.code, 'HOST_KILLER');
  assert.match(outcome.error?.message ?? '', /source/);
  assert.ok(deaths <= 7, `${deaths} deaths`);
});

test('a session that was taken over from a dead host combines when its batches have ended: until then it does nothing that kills', async () => {
  const steps: string[] = [];
  let hosts = 0;
  const { outcome, deaths } = await hostAfterHost((kill) => {
    const host = ++hosts;
    return numbersJob({
      each: (item) => {
        if (host === 1 && item === 9) return kill();
        steps.push(`${host} runs`);
        return [item];
      },
      combine: (left, right) => {
        steps.push(`${host} combines`);
        return [...left, ...right];
      },
    });
  });
  assert.is(deaths, 1);
  assert.equal(outcome.result, upTo(20));
  assert.ok(steps.lastIndexOf('1 runs') > steps.indexOf('1 combines'), 'before, it combines as batches end');
  assert.ok(steps.lastIndexOf('2 runs') < steps.indexOf('2 combines'));
});

test('a combine that kills its host ends the session after five hosts', async () => {
  const { outcome, deaths } = await hostAfterHost((kill) =>
    numbersJob({
      combine: (left, right) => {
        if (right.includes(19)) {
          void kill();
          throw new Error('dead');
        }
        return [...left, ...right];
      },
    }),
  );
  assert.is(outcome.error?.code, 'HOST_KILLER');
  assert.match(outcome.error?.message ?? '', /combin/);
  assert.ok(deaths <= 6, `${deaths} deaths`);
});

test('a finalize that kills its host ends the session after five hosts, and is undone', async () => {
  const undone: string[] = [];
  const { outcome, deaths, id } = await hostAfterHost((kill) =>
    numbersJob({ finalize: () => kill(), undo: ({ finalizeId }) => void undone.push(finalizeId) }),
  );
  assert.is(outcome.error?.code, 'HOST_KILLER');
  assert.match(outcome.error?.message ?? '', /finalize/);
  assert.is(deaths, 5);
  assert.equal(undone, [`${id}.1`]);
});

for (const how of ['is cancelled', 'can not be combined any more'] as const) {
  test(`a session whose host died in finalize, and that ${how}, is undone`, async () => {
    const clock = manualClock();
    const store = shared(memory({ clock }));
    const host = mortal(store);
    const undone: string[] = [];
    const job = numbersJob({
      combine: (left, right) => {
        if (host.isDead() && how !== 'is cancelled') throw new Error('this is another code');
        return [...left, ...right];
      },
      finalize: () => {
        host.die();
        return forEver();
      },
      undo: ({ finalizeId }) => void undone.push(finalizeId),
    });
    const first = await openWorld([job], { clock, store: host.store });
    const { id } = await first.engine.start(job, 20);
    while (!host.isDead()) await turns(5);
    await clock.advance(longDead);

    const { engine } = await openWorld([job], { clock, store });
    if (how === 'is cancelled') await (await engine.find(job, { id }))?.cancel();
    const [session] = (await engine.resume()).resumed;
    const outcome = await session?.outcome();
    assert.is(outcome?.status, how === 'is cancelled' ? 'cancelled' : 'failed');
    assert.equal(undone, [`${id}.1`]);
    await engine.close();
  });
}

test('a host that is killed from outside now and then kills no session', async () => {
  let ran = 0;
  const { outcome, letters } = await hostAfterHost(
    (kill) =>
      numbersJob({
        each: async (item) => {
          await new Promise(setImmediate);
          return ++ran % 3 === 0 ? kill() : [item];
        },
      }),
    40,
  );
  assert.is(outcome.status, 'completed');
  assert.equal(letters, []);
  assert.equal(outcome.result, upTo(20));
});

test.run();
