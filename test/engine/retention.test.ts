import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import { keepMsOf } from '../../src/engine/api/retention.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { defineJob, type JobDefinition } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { openWorld } from '../support/engine-world.ts';
import { manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';

const test = suite('how long sessions are kept');

const day = 86_400_000;
const minute = 60_000;

function doubling(keep?: '2h' | 'end' | 'forever') {
  return defineJob(defineWork({ each: (item: number) => item * 2 }), {
    name: `doubles-${keep ?? 'default'}`,
    source: (input: { items: readonly number[] }) => input.items,
    chunk: byCount(1),
    ...(keep !== undefined && { keep }),
  });
}

test('a job keeps its sessions for a time, to the end, or for ever; 7 days when it says nothing', async () => {
  const clock = manualClock();
  const store = memory({ clock });
  const jobs = [doubling(), doubling('2h'), doubling('end'), doubling('forever')] as const;
  const { engine } = await openWorld(jobs, { clock, store, pruneEveryMs: minute });
  for (const job of jobs) assert.is((await engine.run(job, { items: [1, 2] })).status, 'completed');
  const left = async (): Promise<readonly string[]> =>
    (await store.listSessions({ limit: 9 })).map(({ job }) => job.replace('doubles-', ''));
  assert.equal(await left(), ['forever', 'end', '2h', 'default']);
  await clock.advance(minute);
  assert.equal(await left(), ['forever', '2h', 'default']);
  await clock.advance(2 * 3_600_000);
  assert.equal(await left(), ['forever', 'default']);
  await clock.advance(7 * day - 3 * 3_600_000);
  assert.equal(await left(), ['forever', 'default']);
  await clock.advance(3 * 3_600_000);
  assert.equal(await left(), ['forever']);
  await engine.close();
});

test('what became overdue while no host was there goes when one starts; a start may set its own time', async () => {
  const clock = manualClock();
  const store = memory({ clock });
  // A closed memory store is gone: this one outlives its first engine.
  const shared = { ...store, open: async () => undefined, close: async () => undefined };
  const job = doubling('forever');
  const first = await openWorld([job], { clock, store: shared });
  const kept = await first.engine.start(job, { items: [1] });
  const short = await first.engine.start(job, { items: [1] }, { keep: '1s' });
  await Promise.all([kept.outcome(), short.outcome()]);
  await first.engine.close();
  await clock.advance(1_000);
  const second = await openWorld([job], { clock, store: shared, pruneEveryMs: minute });
  await clock.advance(0);
  assert.equal(
    (await store.listSessions({ limit: 9 })).map(({ id }) => id),
    [kept.id],
  );
  assert.is(await second.engine.find(job, { id: short.id }), undefined);
  await second.engine.close();
});

test('live sessions stay, however old they are', async () => {
  const clock = manualClock();
  const store = memory({ clock });
  const job = doubling('end');
  const { engine } = await openWorld([job], { clock, store, pruneEveryMs: minute });
  const session = await engine.start(job, { items: [1] });
  await session.outcome();
  const held = await engine.start(job, { items: [1] });
  await held.pause();
  await clock.advance(2 * minute);
  const states = (await store.listSessions({ limit: 9 })).filter(({ state }) => state !== 'completed');
  assert.ok(states.length <= 1);
  await engine.close();
});

test('a store that fails is asked again, and the trouble is told', async () => {
  const clock = manualClock();
  let asked = 0;
  const store = {
    ...memory({ clock }),
    prune: async () => {
      asked++;
      throw new Error('disk is full');
    },
  };
  const { engine, lines } = await openWorld([], { clock, store, pruneEveryMs: minute });
  await clock.advance(2 * minute);
  assert.is(asked, 3);
  assert.is(lines.filter(({ level, facts }) => level === 'error' && facts.error === 'disk is full').length, 3);
  await engine.close();
});

test('outlive their time as long as ended batches hold tasks', () => {
  const definition = (more: Partial<JobDefinition>): JobDefinition => ({ ...doubling().definition, ...more });
  const window = '30d' as const;
  assert.is(keepMsOf(definition({ keep: 'end', dedupe: { window } }), {}), 0);
  assert.is(keepMsOf(definition({ keep: 'end', dedupe: { window, states: ['running', 'completed'] } }), {}), 30 * day);
  assert.is(keepMsOf(definition({ keep: '60d', dedupe: { window, states: ['completed'] } }), {}), 60 * day);
  assert.is(keepMsOf(definition({ keep: 'forever' }), {}), null);
  assert.is(keepMsOf(definition({ keep: 'forever' }), { keep: 'end' }), 0);
  assert.is(keepMsOf(definition({}), {}), 7 * day);
});

test('a time that can not be is refused', () => {
  for (const keep of [-1, 'always', Number.NaN]) {
    assert.throws(
      () => defineJob(defineWork({ each: (item: number) => item }), { ...doubling().definition, keep } as never),
      /keep must be/,
    );
  }
});

test.run();
