import * as assert from 'uvu/assert';
import { gate } from '../../support/engine-world.ts';
import { suite } from '../../support/suite.ts';
import { turns, until } from '../../support/turns.ts';
import { createHosts, stretchedMs, type UserInput } from './scheduled-world.ts';

const test = suite('schedules of several hosts');

const ann: UserInput = { user: 'ann' };
const bob: UserInput = { user: 'bob' };

const byHour = ({ at }: { readonly at: number }): UserInput[] => [{ user: 'ann', day: `${new Date(at).getUTCHours()}` }];

test('take each tick once, whoever comes first', async () => {
  const { open, goTo, inputs, sync } = createHosts('2026-01-01T00:00Z');
  const worlds = [await open(), await open(), await open()];
  for (const { engine } of worlds) await engine.schedule(sync.job, '@hourly', { inputs: byHour });
  for (let hour = 1; hour <= 12; hour++) await goTo(`2026-01-01T${String(hour).padStart(2, '0')}:00Z`);
  await turns(200);
  assert.equal(
    sync.ran,
    [...Array(12).keys()].map((hour) => `ann ${hour + 1}`),
  );
  assert.is((await inputs()).length, 12);
  for (const { engine } of worlds) await engine.close();
});

test('keep their process alive while another host has the tick', async () => {
  const { open, clock, sync, ticks } = createHosts('2026-01-01T00:00Z');
  const [first, second] = [await open(), await open()];
  assert.is(clock.pending(), 0);
  const door = gate();
  const inputs = () => door.opened.then(() => [ann]);
  await first.engine.schedule(sync.job, '@hourly', { inputs });
  await clock.advance(3_600_000);
  await second.engine.schedule(sync.job, '@hourly', { inputs });
  await turns(50);
  assert.is((await ticks()).length, 1);
  assert.is(clock.pending(), 2);
  door.open();
  await turns(50);
  await first.engine.close();
  await second.engine.close();
  assert.is(clock.pending({ background: true }), 0);
});

test('go on with a tick whose host died in the middle of it: no input is started twice, none is left out', async () => {
  const { open, openMortal, clock, inputs, sync, ticks } = createHosts('2026-01-01T00:00Z');
  const dying = await openMortal();
  const door = gate();
  await dying.engine.schedule(sync.job, '0 1 * * *', {
    async *inputs() {
      yield ann;
      await door.opened;
      yield bob;
    },
  });
  await clock.advance(3_600_000);
  await until('ann is done', async () => (await dying.engine.find(sync.job, { key: 'ann' }))?.outcome());
  dying.die();
  const { engine } = await open();
  await engine.schedule(sync.job, '0 1 * * *', { inputs: () => [ann, bob] });
  await turns(50);
  assert.equal(await inputs(), ['ann started'], 'its lease has not run out');
  await clock.advance(stretchedMs);
  await until('the tick is done', async () => (await ticks())[0]?.state === 'done');
  assert.equal(
    [await inputs(), sync.ran],
    [
      ['ann started', 'bob started'],
      ['ann -', 'bob -'],
    ],
  );
  // The dead host comes back to itself, too late.
  door.open();
  await turns(50);
  assert.equal(sync.ran, ['ann -', 'bob -']);
  await engine.close();
});

test('a session that was recorded for a tick when its host died is resumed with the tick, also under resume: manual', async () => {
  const { open, openMortal, clock, inputs, sync, ticks } = createHosts('2026-01-01T00:00Z');
  const dying = await openMortal();
  sync.hold('ann');
  await dying.engine.schedule(sync.job, '@hourly', {
    async *inputs() {
      yield ann;
      await new Promise(() => undefined);
    },
  });
  await clock.advance(3_600_000);
  await until('ann runs', () => sync.ran.length === 1);
  dying.die();
  sync.gates.clear();
  const { engine } = await open({ resume: 'manual' });
  await engine.schedule(sync.job, '@hourly', { inputs: () => [ann, bob] });
  await clock.advance(stretchedMs);
  await until('the next tick is done', async () => (await ticks())[1]?.state === 'done');
  assert.is(await (await engine.find(sync.job, { key: 'ann' }))?.result(), 'ann -');
  assert.equal((await inputs()).slice(0, 2), ['ann started', 'bob started']);
  await engine.close();
});

test('an input that waits outlives its host, and is started by the next', async () => {
  const { open, openMortal, goTo, clock, inputs, sync } = createHosts('2026-01-01T00:00Z');
  const dying = await openMortal();
  sync.hold('ann');
  await dying.engine.schedule(sync.job, '@hourly', { overlap: 'queue', inputs: byHour });
  await goTo('2026-01-01T01:00Z');
  await goTo('2026-01-01T02:00Z');
  assert.equal(await inputs(), ['ann started', 'ann queued']);
  dying.die();
  sync.gates.clear();
  const { engine } = await open({ resume: 'auto' });
  await engine.schedule(sync.job, '@hourly', { overlap: 'queue', catchUp: 'none', inputs: () => [] });
  await clock.advance(stretchedMs);
  await until('it has run', () => sync.ran.at(-1) === 'ann 2');
  assert.equal(sync.ran, ['ann 1', 'ann 1', 'ann 2']);
  await engine.close();
});

test('resume a session that no living host has: it is never a reason to leave an input out for ever', async () => {
  const { open, openMortal, clock, inputs, sync } = createHosts('2026-01-01T00:00Z');
  const dying = await openMortal();
  sync.hold('ann');
  await dying.engine.start(sync.job, ann);
  dying.die();
  sync.gates.clear();
  await clock.advance(stretchedMs);
  const { engine } = await open({ resume: 'manual' });
  await engine.schedule(sync.job, '@hourly', { inputs: () => [ann] });
  await clock.advance(3_600_000);
  await until('the tick is done', async () => (await inputs()).length === 1);
  assert.equal(await inputs(), ['ann resumed']);
  assert.is(await (await engine.find(sync.job, { key: 'ann' }))?.result(), 'ann -');
  await engine.close();
});

test('replace a session that no living host has, when it can’t go on since its job is not what it was', async () => {
  const { open, openMortal, clock, inputs, sync, store } = createHosts('2026-01-01T00:00Z');
  const dying = await openMortal();
  sync.hold('ann');
  const left = await dying.engine.start(sync.job, { user: 'ann', day: 'monday' });
  dying.die();
  sync.gates.clear();
  await clock.advance(stretchedMs);
  const changed = { ...sync.job, definition: { ...sync.job.definition, version: '2' } };
  const { engine } = await open({ jobs: [changed] });
  await engine.schedule(changed, '@hourly', { inputs: () => [ann] });
  await clock.advance(3_600_000);
  await until('the tick is done', async () => (await inputs()).length === 1);
  assert.equal(await inputs(), ['ann started']);
  const old = await store.getSession(left.id);
  assert.is(old?.state, 'cancelled');
  assert.match(old?.error?.message ?? '', 'replaced by a tick of schedule sync');
  assert.is(await (await engine.find(changed, { key: 'ann' }))?.result(), 'ann -');
  await engine.close();
});

test('a host that closes in the middle of a tick leaves it to the next at once', async () => {
  const { open, clock, inputs, sync, ticks } = createHosts('2026-01-01T00:00Z');
  const first = await open();
  const aborted: boolean[] = [];
  await first.engine.schedule(sync.job, '@hourly', {
    async *inputs({ signal }) {
      yield ann;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      aborted.push(signal.aborted);
      yield bob;
    },
  });
  await clock.advance(3_600_000);
  await until('ann is done', async () => (await first.engine.find(sync.job, { key: 'ann' }))?.outcome());
  await first.engine.close();
  assert.equal([aborted, (await ticks())[0]?.state, await inputs()], [[true], 'open', ['ann started']]);
  const second = await open();
  await second.engine.schedule(sync.job, '@hourly', { inputs: () => [ann, bob] });
  await until('the tick is done', async () => (await ticks())[0]?.state === 'done');
  assert.equal(await inputs(), ['ann started', 'bob started']);
  await second.engine.close();
});

test('a host runs the pattern that the store has: the newest that any host gave', async () => {
  const { open, goTo, inputs, sync } = createHosts('2026-01-01T00:00Z');
  const first = await open();
  await first.engine.schedule(sync.job, '@hourly', { inputs: byHour });
  await goTo('2026-01-01T01:00Z');
  const second = await open();
  const again = await second.engine.schedule(sync.job, '0 */4 * * *', { inputs: byHour });
  await again.stop();
  await goTo('2026-01-01T07:00Z');
  assert.is((await inputs()).length, 2);
  assert.equal(sync.ran, ['ann 1', 'ann 4']);
  await first.engine.close();
  await second.engine.close();
});

test('a schedule that is removed is run by nobody any more, and what it started stays', async () => {
  const { open, goTo, sync } = createHosts('2026-01-01T00:00Z');
  const [first, second] = [await open(), await open()];
  await first.engine.schedule(sync.job, '@hourly', { inputs: byHour });
  await goTo('2026-01-01T01:00Z');
  assert.equal([await second.engine.removeSchedule('sync'), await second.engine.removeSchedule('sync')], [true, false]);
  await goTo('2026-01-01T04:00Z');
  assert.equal([sync.ran, await first.engine.schedules()], [['ann 1'], []]);
  assert.ok(first.lines.some(({ message }) => message.startsWith('schedule was removed')));
  assert.is(await (await second.engine.find(sync.job, { key: 'ann' }))?.result(), 'ann 1');
  await first.engine.close();
  await second.engine.close();
});

test.run();
