import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { defineJob } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { openWorld } from '../support/engine-world.ts';
import { manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';

const test = suite('questions to an engine');

const picky = defineJob(
  defineWork({
    each: (item: number) => {
      if (item % 3 === 0) throw new Error(`row ${item} is bad`);
      return item;
    },
  }),
  {
    name: 'picky',
    source: (input: { items: readonly number[] }) => input.items,
    chunk: byCount(1),
    key: () => 'numbers',
    retry: { attempts: 1 },
  },
);

async function ran() {
  const clock = manualClock();
  const store = memory({ clock });
  const world = await openWorld([picky], { clock, store });
  const session = await world.engine.start(picky, { items: [1, 2, 3, 4, 5, 6, 7] });
  await session.outcome();
  return { ...world, session };
}

test('tell what failed, by message and by category, and what was slow', async () => {
  const { engine, session } = await ran();
  const { queries } = engine;
  const [group, ...more] = await queries.failures({ session: session.id });
  assert.equal([group?.message, group?.items, group?.attempts, more.length], ['row <n> is bad', 2, 2, 0]);
  assert.equal(await queries.failures(), await queries.failures({ session: session.id }));
  assert.equal(
    (await queries.categories()).map(({ category, items }) => [category, items]),
    [['error', 2]],
  );
  assert.is((await queries.slowest({ session: session.id })).length, 5);
  assert.is((await queries.slowest({ limit: 2 })).length, 2);
  assert.equal(
    (await queries.times()).map(({ job, batches }) => [job, batches]),
    [['picky', 5]],
  );
  assert.equal(await queries.crashed(), []);
  await engine.close();
});

test('tell the chain of a task, and count a session anew', async () => {
  const { engine, session } = await ran();
  const { queries } = engine;
  const [link, ...more] = await queries.chain('picky:numbers#2');
  assert.equal(
    [link?.number, link?.state, link?.attempts.map(({ outcome }) => outcome), more.length],
    [2, 'failed.dead', ['failed.dead'], 0],
  );
  assert.equal((await queries.verify(session.id)).differences, []);
  assert.is((await queries.newest()).length, 7);
  assert.equal(
    (await queries.jobs()).map(({ job, items }) => [job, items.completed, items.failed]),
    [['picky', 5, 2]],
  );
  assert.equal([await queries.active(), await queries.stuck()], [[], []]);
  assert.is((await queries.repeated()).executions, 0);
  await engine.close();
});

test('look as far back as they are asked to', async () => {
  const { engine, clock } = await ran();
  await clock.advance(3_600_000);
  assert.equal(await engine.queries.failures({ within: '30m' }), []);
  assert.is((await engine.queries.failures({ within: '2h' })).length, 1);
  await engine.close();
});

test('say what differs when counts are not what the rows say', async () => {
  const clock = manualClock();
  const good = memory({ clock });
  const { engine } = await openWorld([picky], { clock, store: good });
  const session = await engine.start(picky, { items: [1] });
  await session.outcome();
  const query = good.query;
  good.query = async (name, filter) => (name === 'rows' ? ([] as never) : query(name, filter));
  const { differences } = await engine.queries.verify(session.id);
  assert.equal(differences[0], 'batches: 0 by its rows, 1 by its counts');
  await engine.close();
});

test('refuse what can not be, sessions that are not there, and a closed engine', async () => {
  const { engine } = await ran();
  const codeOf = (ask: Promise<unknown>): Promise<unknown> =>
    ask.then(
      () => 'answered',
      (error: unknown) => (error as { code?: unknown }).code,
    );
  assert.is(await codeOf(engine.queries.slowest({ limit: 0 })), 'INVALID_OPTION');
  assert.is(await codeOf(engine.queries.failures({ within: 'soon' as never })), 'INVALID_OPTION');
  assert.is(await codeOf(engine.health({ crashRateAlert: 5 })), 'INVALID_OPTION');
  assert.is(await codeOf(engine.queries.verify('nobody')), 'SESSION_NOT_FOUND');
  await engine.close();
  assert.is(await codeOf(engine.queries.jobs()), 'ENGINE_CLOSED');
  assert.is(await codeOf(engine.health()), 'ENGINE_CLOSED');
});

test('give a verdict on the last hour: idle, healthy, or an alert over 5 % crashed', async () => {
  const { engine, clock, store } = await ran();
  const health = await engine.health();
  assert.equal([health.verdict, health.total, health.completed, health.failed, health.running], ['healthy', 7, 5, 2, 0]);
  const query = store.query;
  const withCrashes = (crashed: number, completed: number): void => {
    store.query = async (name, filter) =>
      name === 'attempts' ? ({ completed, failed: 0, crashed, running: 0 } as never) : query(name, filter);
  };
  withCrashes(5, 95);
  assert.is((await engine.health()).verdict, 'healthy');
  withCrashes(6, 94);
  const alert = await engine.health();
  assert.equal([alert.verdict, alert.alerts], ['alert', ['6.0 % of 100 attempts crashed: more than 5.0 %.']]);
  assert.is((await engine.health({ crashRateAlert: 0.1 })).verdict, 'healthy');
  store.query = query;
  await clock.advance(2 * 3_600_000);
  assert.is((await engine.health()).verdict, 'idle');
  await engine.close();
});

test.run();
