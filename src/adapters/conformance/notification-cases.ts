import assert from 'node:assert/strict';
import type { OwnerId } from '../../model/ids.ts';
import type { NotificationRecord } from '../../model/notifications.ts';
import { failure, host, leaseMs, otherHost, type Scene, startScene } from './scene.ts';
import type { StoreCase, StoreWorld } from './store-case.ts';

const notifies = { notifies: true } as const;

const take = (world: StoreWorld, owner: OwnerId = host, limit = 9): Promise<readonly NotificationRecord[]> =>
  world.store.takeNotifications({ owner, limit });

const idsOf = (records: readonly NotificationRecord[]): readonly string[] => records.map(({ notification }) => notification.id);

const listed = (world: StoreWorld): Promise<readonly NotificationRecord[]> => world.store.query('notifications', { limit: 9 });

const fail = (scene: Scene): Promise<boolean> => scene.move('running.streaming', 'failed', { error: failure });

/** What every store does with notifications. */
export const notificationCases: readonly StoreCase[] = [
  {
    name: 'writes a notification with the ending of a session that notifies, and of no other',
    async run(world) {
      const scenes = [
        await startScene(world, 1, notifies),
        await startScene(world, 2, notifies),
        await startScene(world, 3),
      ] as const;
      const [failing, cancelled, silent] = scenes;
      await failing.enqueue(2);
      world.clock.advance(5);
      await fail(failing);
      assert.equal(await fail(failing), false);
      await cancelled.move('running.streaming', 'cancelled');
      await fail(silent);
      const [first, second, ...more] = await take(world);
      const { counts } = await failing.session();
      const facts = { at: world.clock.now(), job: 'sum', generation: 1 };
      const told = { ...facts, type: 'session.failed', sessionId: failing.id, key: 'key-1', counts, error: failure };
      assert.deepEqual(first?.notification, { id: `${failing.id}.1`, ...told });
      assert.deepEqual([first?.tries, first?.state, first?.error], [1, 'waiting', null]);
      assert.deepEqual([second?.notification.type, more], ['session.cancelled', []]);
      assert.deepEqual([(await failing.session()).notifies, (await silent.session()).notifies], [true, undefined]);
    },
  },
  {
    name: 'notifies of each ending of a session that is replayed, under an id of its own',
    async run(world) {
      const scene = await startScene(world, 1, notifies);
      await scene.enqueue(0, {}, true);
      const types: unknown[] = [];
      await fail(scene);
      await world.store.replaySession({ id: scene.id, owner: host, batches: [] });
      const move = { id: scene.id, epoch: 2 } as const;
      await world.store.moveSession({ ...move, from: 'running.draining', to: 'finalizing', requireNothingOpen: true });
      await world.store.moveSession({ ...move, from: 'finalizing', to: 'completed', result: '1' });
      const taken = await take(world);
      for (const { notification } of taken) types.push(notification.type);
      assert.deepEqual(
        [idsOf(taken), types],
        [
          [`${scene.id}.1`, `${scene.id}.2`],
          ['session.failed', 'session.completed'],
        ],
      );
    },
  },
  {
    name: 'hands a notification to one owner at a time, and again to the same one, without another try',
    async run(world) {
      await fail(await startScene(world, 1, notifies));
      await fail(await startScene(world, 2, notifies));
      await world.store.registerOwner(otherHost, leaseMs);
      const mine = await take(world, host, 1);
      assert.deepEqual(await take(world, host, 1), mine);
      const theirs = await take(world, otherHost);
      assert.deepEqual([mine.length, theirs.length, theirs[0]?.notification.id === mine[0]?.notification.id], [1, 1, false]);
      assert.deepEqual([mine[0]?.tries, theirs[0]?.tries], [1, 1]);
    },
  },
  {
    name: 'hands the notifications of a dead owner to another one, and none to an owner that is dead or not registered',
    async run(world) {
      await fail(await startScene(world, 1, notifies));
      assert.deepEqual(await take(world, otherHost), []);
      await take(world);
      world.clock.advance(leaseMs);
      assert.deepEqual(await take(world), []);
      await world.store.registerOwner(otherHost, leaseMs);
      const [again] = await take(world, otherHost);
      assert.equal(again?.tries, 2);
      await world.store.removeOwner(otherHost);
      await world.store.registerOwner(host, leaseMs);
      assert.equal((await take(world))[0]?.tries, 3);
    },
  },
  {
    name: 'forgets a notification that was delivered, tries one again at its time, and keeps one that was given up',
    async run(world) {
      const { store, clock } = world;
      for (const number of [1, 2, 3]) await fail(await startScene(world, number, notifies));
      const [delivered = '', again = '', lost = ''] = idsOf(await take(world));
      await store.settleNotification({ id: delivered, owner: host, to: 'delivered' });
      await store.settleNotification({ id: again, owner: host, to: 'again', inMs: 500, error: failure });
      await store.settleNotification({ id: lost, owner: host, to: 'undelivered', error: failure });
      // Once more: the first answer may have been lost.
      await store.settleNotification({ id: delivered, owner: host, to: 'delivered' });
      await store.settleNotification({ id: lost, owner: host, to: 'undelivered', error: failure });
      clock.advance(499);
      assert.deepEqual(await take(world), []);
      assert.deepEqual(
        (await listed(world)).map(({ notification: { id }, state, error, dueAt }) => [id, state, error, dueAt - clock.now()]),
        [
          [again, 'waiting', failure, 1],
          [lost, 'undelivered', failure, -499],
        ],
      );
      clock.advance(1);
      assert.deepEqual(
        (await take(world)).map(({ notification: { id }, tries }) => [id, tries]),
        [[again, 2]],
      );
      const undelivered = await store.query('notifications', { state: 'undelivered', limit: 9 });
      assert.deepEqual(idsOf(undelivered), [lost]);
    },
  },
  {
    name: 'lets nobody but its taker settle a notification',
    async run(world) {
      const { store, clock } = world;
      await fail(await startScene(world, 1, notifies));
      const [id = ''] = idsOf(await take(world));
      await store.settleNotification({ id, owner: otherHost, to: 'delivered' });
      clock.advance(leaseMs);
      await store.registerOwner(otherHost, leaseMs);
      assert.deepEqual(idsOf(await take(world, otherHost)), [id]);
      // The first host was slow: it was told, and another one is telling it now.
      await store.settleNotification({ id, owner: host, to: 'undelivered' });
      assert.deepEqual(
        (await listed(world)).map(({ state, tries }) => [state, tries]),
        [['waiting', 2]],
      );
    },
  },
  {
    name: 'keeps what is to be told when its session is pruned, and forgets after 30 days what was given up',
    async run(world) {
      const { store, clock } = world;
      const scene = await startScene(world, 1, { ...notifies, keepMs: 0 });
      await fail(scene);
      assert.equal(await store.prune({ overdue: true, limit: 9 }), 1);
      const [id = ''] = idsOf(await take(world));
      assert.equal(id, `${scene.id}.1`);
      await store.settleNotification({ id, owner: host, to: 'undelivered' });
      clock.advance(30 * 86_400_000 - 1);
      await store.registerOwner(host, leaseMs);
      await take(world);
      assert.equal((await listed(world)).length, 1);
      clock.advance(1);
      await take(world);
      assert.deepEqual(await listed(world), []);
    },
  },
  {
    name: 'notifies once each time that something begins to be not well',
    async run(world) {
      const { store, clock } = world;
      await store.registerOwner(host, leaseMs);
      const note = (message: string | null) => store.noteAlert({ name: 'crash-rate', message });
      assert.deepEqual([await note(null), await note('8 % crashed'), await note('9 % crashed')], [false, true, false]);
      assert.equal(await store.noteAlert({ name: 'stuck', message: '1 is stuck' }), true);
      const at = clock.now();
      clock.advance(10);
      assert.deepEqual([await note(null), await note('7 % crashed'), await note('7 % crashed')], [false, true, false]);
      const told = (await take(world)).map(({ notification }) => notification);
      assert.deepEqual(told[0], { id: `alert.crash-rate.${at}`, type: 'alert', at, alert: 'crash-rate', message: '8 % crashed' });
      assert.deepEqual(
        told.map(({ id }) => id),
        [`alert.crash-rate.${at}`, `alert.stuck.${at}`, `alert.crash-rate.${at + 10}`],
      );
    },
  },
  {
    name: 'keeps notifications, and what is not well, after reopening',
    needs: 'durable',
    async run(world) {
      await fail(await startScene(world, 1, notifies));
      await world.store.noteAlert({ name: 'stuck', message: '1 is stuck' });
      const before = await listed(world);
      const store = await world.reopen();
      assert.deepEqual(await listed(world), before);
      assert.equal(await store.noteAlert({ name: 'stuck', message: '1 is stuck' }), false);
      await store.registerOwner(host, leaseMs);
      assert.equal((await take(world)).length, 2);
    },
  },
];
