import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { turns, until } from '../../support/turns.ts';
import { createHosts, type UserInput } from './scheduled-world.ts';

const test = suite('ticks of a schedule');

const ann: UserInput = { user: 'ann' };
const bob: UserInput = { user: 'bob' };

test('start a session for each input, which tells its schedule and tick', async () => {
  const { open, goTo, inputs, sync, ticks } = createHosts('2026-01-01T00:00Z');
  const { engine, clock } = await open();
  const asked: unknown[] = [];
  await engine.schedule(sync.job, '0 */4 * * *', {
    inputs: async function* ({ at, missed }) {
      asked.push([new Date(at).toISOString(), missed]);
      yield* [ann, bob];
    },
  });
  await goTo('2026-01-01T03:59Z');
  assert.equal(asked, []);
  await goTo('2026-01-01T08:00Z');
  assert.equal(asked, [
    ['2026-01-01T04:00:00.000Z', 0],
    ['2026-01-01T08:00:00.000Z', 0],
  ]);
  assert.equal(await inputs(), ['ann started', 'bob started', 'ann started', 'bob started']);
  assert.equal(
    (await ticks()).map(({ state, inputs: { started } }) => [state, started]),
    [
      ['done', 2],
      ['done', 2],
    ],
  );
  const session = await engine.find(sync.job, { key: 'ann' });
  assert.is(await session?.result(), 'ann -');
  assert.equal((await session?.state())?.metadata, { plan: 'ann', schedule: 'sync', tick: '2026-01-01T08:00:00.000Z' });
  await engine.close();
  assert.is(clock.pending({ background: true }), 0);
});

test('leave out an input whose session is live, and say so; the others are started', async () => {
  const { open, goTo, inputs, sync } = createHosts('2026-01-01T00:00Z');
  const { engine, lines } = await open();
  const door = sync.hold('ann');
  await engine.schedule(sync.job, '@hourly', { inputs: () => [ann, bob] });
  await goTo('2026-01-01T01:00Z');
  await goTo('2026-01-01T02:00Z');
  door.open();
  await until('ann is done', async () => (await engine.find(sync.job, { key: 'ann' }))?.outcome());
  await goTo('2026-01-01T03:00Z');
  assert.equal(await inputs(), ['ann started', 'bob started', 'ann skipped', 'bob started', 'ann started', 'bob started']);
  const said = lines.filter(({ message }) => message === 'input left out by a tick: a session of its key is live');
  assert.equal(
    said.map(({ facts }) => [facts.key, facts.tick]),
    [['ann', '2026-01-01T02:00:00.000Z']],
  );
  await engine.close();
});

test('overlap queue: the newest input waits for the live session, and is started when that has ended', async () => {
  const { open, goTo, inputs, sync, clock } = createHosts('2026-01-01T00:00Z');
  const { engine } = await open();
  const door = sync.hold('ann');
  await engine.schedule(sync.job, '@hourly', {
    overlap: 'queue',
    inputs: ({ at }) => [{ user: 'ann', day: `${new Date(at).getUTCHours()}` }],
  });
  for (const hour of ['01', '02', '03']) await goTo(`2026-01-01T${hour}:00Z`);
  assert.equal(await inputs(), ['ann started', 'ann skipped', 'ann queued']);
  const before = clock.now();
  door.open();
  await until('the one that waited has run', () => sync.ran.length === 2);
  assert.equal(
    [sync.ran, await inputs(), clock.now() - before],
    [['ann 1', 'ann 3'], ['ann started', 'ann skipped', 'ann started'], 0],
  );
  await until('it has ended', async () => (await engine.find(sync.job, { key: 'ann' }))?.outcome());
  await engine.close();
});

test('an input that can’t be started is noted with its error, and keeps no other from it', async () => {
  const { open, goTo, inputs, sync, store } = createHosts('2026-01-01T00:00Z');
  const { engine } = await open();
  const mute = { user: '' };
  const unstorable = { user: 'cid', day: (() => 1) as unknown as string };
  await engine.schedule(sync.job, '@hourly', { inputs: () => [mute, unstorable, ann, ann] });
  await goTo('2026-01-01T01:00Z');
  assert.equal(await inputs(), ['input 1 failed', 'cid failed', 'ann started']);
  const [first, second] = await store.listTickInputs({ schedule: 'sync', after: 0, limit: 9 });
  assert.equal([first?.error?.code, second?.error?.code], ['INVALID_OPTION', 'NOT_ENCODABLE']);
  await engine.close();
});

test('a tick whose inputs can’t be read to the end has failed; what it started goes on, and the next tick comes', async () => {
  const { open, goTo, ticks, sync } = createHosts('2026-01-01T00:00Z');
  const { engine } = await open();
  let broken = true;
  await engine.schedule(sync.job, '@hourly', {
    inputs: function* () {
      yield ann;
      if (broken) throw new Error('no list of users');
      yield bob;
    },
  });
  await goTo('2026-01-01T01:00Z');
  broken = false;
  await goTo('2026-01-01T02:00Z');
  assert.equal(
    (await ticks()).map(({ state, error, inputs: { started } }) => [state, error?.message, started]),
    [
      ['failed', 'no list of users', 1],
      ['done', undefined, 2],
    ],
  );
  await engine.close();
});

test('have no more than 256 sessions live at once in a host; held ones do not count', async () => {
  const { open, clock, sync, store, ticks } = createHosts('2026-01-01T00:00Z');
  const { engine } = await open();
  const users = Array.from({ length: 300 }, (_, place) => `user-${place}`);
  const door = sync.hold(users[0] ?? '');
  for (const user of users) sync.gates.set(user, door);
  await engine.schedule(sync.job, '@hourly', { inputs: () => users.map((user) => ({ user })) });
  await clock.advance(3_600_000);
  const recorded = async () => (await store.listSessions({ limit: 1_000 })).length;
  await until('there is no room', async () => (await recorded()) === 256);
  await turns(100);
  assert.equal([await recorded(), (await ticks())[0]?.state], [256, 'open']);
  await (await engine.find(sync.job, { key: 'user-7' }))?.pause();
  await clock.advance(5_000);
  await until('there is room for one', async () => (await recorded()) === 257);
  await turns(100);
  assert.is(await recorded(), 257);
  await (await engine.find(sync.job, { key: 'user-7' }))?.unpause();
  door.open();
  await until('all are started', async () => (await ticks())[0]?.inputs.started === 300);
  await engine.close();
  assert.is(clock.pending({ background: true }), 0);
});

test('inputs of a job without a key overlap with themselves alone', async () => {
  const { open, goTo, inputs, sync } = createHosts('2026-01-01T00:00Z');
  const { key: _, ...definition } = sync.job.definition;
  const keyless = { ...sync.job, definition };
  const { engine } = await open({ jobs: [keyless] });
  const door = sync.hold('ann');
  await engine.schedule(keyless, '@hourly', { inputs: () => [ann, bob] });
  await goTo('2026-01-01T01:00Z');
  await goTo('2026-01-01T02:00Z');
  assert.equal(
    (await inputs()).map((input) => input.split(' ').at(-1)),
    ['started', 'started', 'skipped', 'started'],
  );
  door.open();
  await engine.close();
});

test.run();
