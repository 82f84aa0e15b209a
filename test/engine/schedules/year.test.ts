import * as assert from 'uvu/assert';
import { memory } from '../../../src/adapters/stores/memory.ts';
import { suite } from '../../support/suite.ts';
import { turns, until } from '../../support/turns.ts';
import { createHosts, type Hosts } from './scheduled-world.ts';

const test = suite('schedules through the year');
const dayMs = 86_400_000;

/** The days of a calendar in a zone, as a clock on the wall there shows them. */
function wallDay(zone: string, at: number): string {
  return new Intl.DateTimeFormat('sv', { timeZone: zone }).format(at);
}

function wallTime(zone: string, at: number): string {
  return new Intl.DateTimeFormat('sv', { timeZone: zone, timeStyle: 'short' }).format(at);
}

async function moveOn({ clock, store }: Hosts, ms: number): Promise<void> {
  await clock.advance(ms);
  await until('no tick is open', async () => (await store.listSchedules({})).every(({ openTick }) => openTick === null));
}

for (const [zone, cron, odd] of [
  ['Europe/Berlin', '30 2 * * *', { '2026-03-29': '03:00' }],
  ['America/Santiago', '0 0 * * *', { '2026-09-06': '01:00' }],
  ['Australia/Lord_Howe', '15 2 * * *', { '2026-10-04': '02:30' }],
] as const) {
  test(`a year of days in ${zone}: each has its tick, once, by the clocks on its walls`, async () => {
    const hosts = createHosts('2025-12-31T23:00Z');
    const { open, sync, clock } = hosts;
    // A beat every eight hours: the leases are not what is tried here.
    const { engine } = await open({ leaseMs: dayMs });
    const asked: number[] = [];
    await engine.schedule(sync.job, cron, {
      zone,
      inputs: ({ at }) => {
        asked.push(at);
        return [{ user: 'ann', day: wallDay(zone, at) }];
      },
    });
    const from = clock.now();
    for (let day = 0; day < 365; day++) await moveOn(hosts, dayMs);
    await until('the last has run', () => sync.ran.length === asked.length);
    const days = asked.map((at) => wallDay(zone, at));
    assert.is(days.length, 365);
    assert.is(new Set(days).size, 365, 'no day twice');
    assert.equal(
      sync.ran,
      days.map((day) => `ann ${day}`),
    );
    const usual = cron
      .split(' ')
      .slice(0, 2)
      .reverse()
      .map((part) => part.padStart(2, '0'))
      .join(':');
    const strange = asked.filter((at) => wallTime(zone, at) !== usual).map((at) => [wallDay(zone, at), wallTime(zone, at)]);
    assert.equal(Object.fromEntries(strange), odd);
    assert.ok((asked.at(-1) ?? 0) <= from + 365 * dayMs);
    await engine.close();
  });
}

test('every four hours for a year with hosts that come and go: once makes one run of what was missed, and counts it', async () => {
  const hosts = createHosts('2026-01-01T00:30Z');
  const { open, sync, clock, store } = hosts;
  let away = 0;
  let stoodFor = 0;
  let runs = 0;
  for (let week = 0; week < 52; week++) {
    const { engine } = await open({ leaseMs: dayMs });
    await engine.schedule(sync.job, '0 */4 * * *', {
      inputs: ({ missed }) => {
        runs++;
        stoodFor += missed;
        return week % 4 === 0 ? [{ user: 'ann' }] : [];
      },
    });
    const up = ((week * 37) % 6) + 1;
    for (let hours = 0; hours < up * 24; hours += 4) await moveOn(hosts, 4 * 3_600_000);
    await engine.close();
    away += 7 - up;
    await clock.advance((7 - up) * dayMs);
  }
  const first = Date.parse('2026-01-01T04:00Z');
  const [schedule] = await store.listSchedules({});
  const all = ((schedule?.decidedUntil ?? 0) - first) / (4 * 3_600_000) + 1;
  assert.ok(away > 100, 'hosts were away at all');
  assert.is(runs + stoodFor, all, 'each tick was run, or another stands for it');
  await (await open()).engine.close();
});

test('catchUp none notes what was missed and does not run it; all runs each, the oldest first, one after another', async () => {
  const hosts = createHosts('2026-01-01T00:30Z');
  const { open, sync, clock, ticks } = hosts;
  const first = await open();
  const inputs = ({ at }: { at: number }) =>
    at % 3_600_000 === 0 ? [{ user: 'ann', day: new Date(at).toISOString().slice(11, 13) }] : [];
  await first.engine.schedule(sync.job, '@hourly', { name: 'all', catchUp: 'all', inputs });
  await first.engine.schedule(sync.job, '@hourly', { name: 'none', catchUp: 'none', inputs: () => [{ user: 'bob' }] });
  await first.engine.close();
  await clock.advance(4 * 3_600_000 + 600_000);
  const door = sync.hold('ann');
  const second = await open();
  await second.engine.schedule(sync.job, '@hourly', { name: 'none', catchUp: 'none', inputs: () => [{ user: 'bob' }] });
  const all = await second.engine.schedule(sync.job, '@hourly', { name: 'all', catchUp: 'all', inputs });
  await until('one of the missed runs', () => sync.ran.length === 1);
  const asked = all.run();
  assert.is((await ticks('all')).length, 1, 'the others wait for it');
  door.open();
  await until('all have run', () => sync.ran.length >= 4);
  await turns(100);
  assert.equal(sync.ran, ['ann 01', 'ann 02', 'ann 03', 'ann 04']);
  assert.is((await asked).missed, 0, 'what was asked for comes behind them, and passes none over');
  assert.equal(
    (await ticks('none')).map(({ at, state, missed }) => [new Date(at).toISOString().slice(11, 16), state, missed]),
    [['04:00', 'missed', 3]],
  );
  await moveOn(hosts, 3_600_000);
  await until('the next ticks are run as ever', () => sync.ran.length === 6);
  assert.equal(sync.ran.slice(4).sort(), ['ann 05', 'bob -']);
  await second.engine.close();
});

test('a clock that jumps forward misses ticks, one that jumps back has none twice', async () => {
  const { sync, store, open } = createHosts('2026-01-01T00:30Z');
  let now = Date.parse('2026-01-01T00:30Z');
  const timers = new Set<{ at: number; callback: () => void }>();
  const clock = {
    now: () => now,
    after: (ms: number, callback: () => void) => {
      const timer = { at: now + ms, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance: async () => undefined,
    pending: () => timers.size,
  };
  const jumping = memory({ clock });
  const { engine } = await open({ clock, store: jumping, leaseMs: dayMs });
  const asked: string[] = [];
  await engine.schedule(sync.job, '@hourly', {
    inputs: ({ at, missed }) => {
      asked.push(`${new Date(at).toISOString().slice(0, 13)} +${missed}`);
      return [];
    },
  });
  const jump = async (to: string): Promise<void> => {
    await turns(50);
    now = Date.parse(to);
    for (const timer of [...timers].filter(({ at }) => at <= now)) {
      timers.delete(timer);
      timer.callback();
    }
    await turns(50);
  };
  const went = async (count: number): Promise<void> => until('it has been asked', () => asked.length === count);
  await jump('2026-01-01T01:00Z');
  await went(1);
  await jump('2026-01-01T06:20Z');
  await went(2);
  await jump('2026-01-01T02:00Z');
  await jump('2026-01-01T06:30Z');
  await jump('2026-01-01T07:00Z');
  await went(3);
  assert.equal(asked, ['2026-01-01T01 +0', '2026-01-01T06 +4', '2026-01-01T07 +0']);
  await engine.close();
  await store.close();
});

test.run();
