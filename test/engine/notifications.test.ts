import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import type { EngineParts } from '../../src/engine/engine.ts';
import type { Notify } from '../../src/engine/notify/notify-options.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { defineJob } from '../../src/model/job.ts';
import type { Notification } from '../../src/model/notifications.ts';
import { defineWork } from '../../src/model/work.ts';
import { sqliteSite } from '../adapters/stores/store-sites.ts';
import { gate, openWorld, shared } from '../support/engine-world.ts';
import { manualClock } from '../support/manual-clock.ts';
import { mortal } from '../support/mortal.ts';
import { suite } from '../support/suite.ts';
import { until } from '../support/turns.ts';

const test = suite('notifications');

const minute = 60_000;

/** Doubles numbers; 0 is refused. */
const job = defineJob(
  defineWork({
    each: (item: number) => {
      if (item === 0) throw new Error('no zero');
      return item * 2;
    },
  }),
  {
    name: 'doubles',
    source: (input: readonly number[]) => input,
    chunk: byCount(1),
    combine: (left, right) => left + right,
    retry: { attempts: 1 },
    key: (input) => input.join(),
  },
);

interface Told {
  readonly notification: Notification;
  readonly tries: number;
}

/** Keeps what it was told; throws as often as it is asked to. */
function hook(fails = 0): { readonly notify: Notify; readonly told: Told[] } {
  const told: Told[] = [];
  const notify: Notify = (notification, { tries }) => {
    told.push({ notification, tries });
    if (told.length <= fails) throw new Error('mail server is down');
  };
  return { notify, told };
}

const typesOf = (told: readonly Told[]): readonly string[] => told.map(({ notification }) => notification.type);

async function world(parts: Partial<EngineParts>) {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  return openWorld([job], { clock, store, ...parts });
}

test('how a session ended is told once, with its id, counts and error', async () => {
  const { notify, told } = hook();
  const { engine, clock } = await world({ notify });
  const good = await engine.start(job, [1, 2]);
  await good.result();
  await until('it was told', () => told.length === 1);
  const bad = await engine.start(job, [0]);
  await bad.outcome();
  await until('the other was told', () => told.length === 2);
  const [first, second] = told.map(({ notification }) => notification);
  assert.equal(
    [first?.id, first?.type, second?.id, second?.type],
    [`${good.id}.1`, 'session.completed', `${bad.id}.1`, 'session.failed'],
  );
  assert.equal(first?.type === 'session.completed' && [first.job, first.key, first.counts.items.completed], [
    'doubles',
    '1,2',
    2,
  ]);
  assert.is(second?.type === 'session.failed' && second.error.code, 'ALL_FAILED');
  await clock.advance(10 * minute);
  assert.is(told.length, 2);
  assert.equal(await engine.queries.notifications(), []);
  await engine.close();
  assert.is(clock.pending({ background: true }), 0);
});

test('a hook that throws troubles no session: it is logged, and told again after longer and longer waits', async () => {
  const { notify, told } = hook(3);
  const { engine, clock, lines } = await world({ notify });
  assert.is((await engine.run(job, [1])).status, 'completed');
  await until('it was tried', () => told.length === 1);
  const [waiting] = await engine.queries.notifications({ state: 'waiting' });
  assert.equal([waiting?.tries, waiting?.error?.message], [1, 'mail server is down']);
  await clock.advance(20_000);
  assert.equal(
    told.map(({ tries }) => tries),
    [1, 2, 3, 4],
  );
  assert.is(new Set(told.map(({ notification }) => notification.id)).size, 1);
  assert.is(lines.filter(({ level, facts }) => level === 'warn' && facts.error === 'mail server is down').length, 3);
  assert.equal(await engine.queries.notifications(), []);
  await engine.close();
});

test('after twenty tries it is given up, and stays to be looked at', async () => {
  const { notify, told } = hook(Number.POSITIVE_INFINITY);
  const { engine, clock, lines } = await world({ notify });
  await engine.run(job, [1]);
  for (let hours = 0; hours < 20; hours++) await clock.advance(60 * minute);
  assert.is(told.length, 20);
  const [given, ...more] = await engine.queries.notifications({ state: 'undelivered' });
  assert.equal([given?.tries, given?.error?.message, more], [20, 'mail server is down', []]);
  assert.ok(lines.some(({ level, message }) => level === 'error' && message === 'notification was given up'));
  await engine.close();
});

test('what a dead host was telling is told by another one, under the same id', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const life = mortal(store);
  const never = new Promise<void>(() => undefined);
  const dead: Told[] = [];
  const dying = await openWorld([job], {
    clock,
    store: life.store,
    notify: (notification, { tries }) => {
      dead.push({ notification, tries });
      life.die();
      return never;
    },
  });
  await dying.engine.start(job, [1]);
  await until('it is telling', () => dead.length === 1);
  const { notify, told } = hook();
  // Work in place may block its host's loop: its lease was stretched to an hour.
  await clock.advance(2 * 60 * minute);
  const living = await openWorld([job], { clock, store, notify });
  await until('the other one was told', () => told.length === 1);
  assert.equal([told[0]?.notification, told[0]?.tries], [dead[0]?.notification, 2]);
  await living.engine.close();
});

test('a host without a hook leaves what is to be told to those that have one; sessions that it starts are told by nobody', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { notify, told } = hook();
  const door = gate();
  const slow = defineJob(defineWork({ each: async (item: number) => door.opened.then(() => item) }), {
    name: 'slow',
    source: (input: readonly number[]) => input,
    chunk: byCount(1),
  });
  const teller = await openWorld([slow], { clock, store, notify });
  const session = await teller.engine.start(slow, [1]);
  const closing = teller.engine.close();
  await clock.advance(5_000);
  await closing;
  const silent = await openWorld([slow, job], { clock, store });
  await silent.engine.resume();
  door.open();
  await until('it has ended', async () => (await store.getSession(session.id))?.state === 'completed');
  await silent.engine.run(job, [1]);
  await silent.engine.close();
  assert.equal(typesOf(told), []);
  const other = await openWorld([], { clock, store, notify });
  await until('it was told', () => told.length === 1);
  await clock.advance(minute);
  assert.equal(
    told.map(({ notification }) => notification.id),
    [`${session.id}.1`],
  );
  await other.engine.close();
});

test('what ends just before a close is told before the store is closed', async () => {
  const { notify, told } = hook();
  const clock = manualClock();
  const { engine } = await openWorld([job], { clock, store: memory({ clock }), notify });
  await engine.run(job, [1]);
  await engine.close();
  assert.equal(typesOf(told), ['session.completed']);
});

test('a hook that never ends is given up after 30 s, and by a close: then it is told again', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const signals: AbortSignal[] = [];
  const first = await openWorld([job], {
    clock,
    store,
    notify: (_, { signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    },
  });
  await first.engine.run(job, [1]);
  await until('it is telling', () => signals.length === 1);
  await clock.advance(30_000);
  assert.match(String(signals[0]?.reason), /notify took longer than 30 s/);
  await clock.advance(6_000);
  assert.is(signals.length, 2);
  const closing = first.engine.close();
  await clock.advance(2_000);
  await closing;
  assert.ok(signals[1]?.aborted);
  const { notify, told } = hook();
  const second = await openWorld([job], { clock, store, notify });
  await until('it was told', () => told.length === 1);
  assert.is(told[0]?.tries, 3);
  await second.engine.close();
  assert.is(clock.pending({ background: true }), 0);
});

test('what a host could not tell before it ended is told by its next boot, from the file', async () => {
  const site = await sqliteSite();
  const clock = manualClock();
  const failing = hook(1);
  const first = await openWorld([job], { clock, store: site.create(clock), notify: failing.notify });
  const session = await first.engine.start(job, [1]);
  await session.outcome();
  await until('it was tried', () => failing.told.length === 1);
  await first.engine.close();
  await clock.advance(minute);
  const { notify, told } = hook();
  const second = await openWorld([job], { clock, store: site.create(clock), notify });
  await until('it was told', () => told.length === 1);
  assert.equal([told[0]?.notification.id, told[0]?.tries], [`${session.id}.1`, 2]);
  await second.engine.close();
  await site.remove();
});

test('a replay is told of anew, a cancel as what it is', async () => {
  const { notify, told } = hook();
  const { engine } = await world({ notify });
  const session = await engine.start(job, [1, 0]);
  await session.outcome();
  const again = await session.replay();
  await again.outcome();
  const held = await engine.start(job, [5]);
  await held.cancel('not needed');
  await held.outcome();
  await until('all was told', () => told.length === 3);
  assert.equal(
    told.map(({ notification: { id } }) => id),
    [`${session.id}.1`, `${session.id}.2`, `${held.id}.1`],
  );
  const last = told[2]?.notification;
  assert.ok(last?.type === 'session.cancelled' || last?.type === 'session.completed');
  await engine.close();
});

test('alerts are told once for each time that something begins to be not well, whichever hosts look', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { notify, told } = hook();
  const parts = { clock, store, notify, alerts: { every: minute, waitingAlert: 10 * minute } };
  const door = gate();
  const slow = defineJob(defineWork({ each: async (item: number) => door.opened.then(() => item) }), {
    name: 'slow',
    source: (input: readonly number[]) => input,
    chunk: byCount(1),
  });
  const [first, second] = [await openWorld([slow], parts), await openWorld([slow], parts)];
  await clock.advance(5 * minute);
  assert.equal(typesOf(told), []);
  const session = await first.engine.start(slow, [1, 2, 3]);
  await clock.advance(30 * minute);
  assert.equal(typesOf(told), ['alert']);
  const [alert] = told.map(({ notification }) => notification);
  assert.is(alert?.type === 'alert' && alert.alert, 'waiting');
  assert.match(alert?.type === 'alert' ? alert.message : '', /^Work waits longer than 600 s: slow \(6\d\d s\)\.$/);
  door.open();
  await session.outcome();
  await clock.advance(5 * minute);
  await Promise.all([first.engine.close(), second.engine.close()]);
  assert.equal(typesOf(told), ['alert', 'session.completed']);
  assert.is(clock.pending({ background: true }), 0);
});

test.run();
