import assert from 'node:assert/strict';
import type { SessionId } from '../../model/ids.ts';
import type { NewSession } from '../../model/records.ts';
import { failure, host, leaseMs, newSession, otherHost, sessionIdOf } from './scene.ts';
import type { StoreCase, StoreWorld } from './store-case.ts';

const seat = { key: 'sum\nann', limit: 1 };

/** Records a session that waits. */
async function record(world: StoreWorld, number: number, changes: Partial<NewSession> = {}): Promise<SessionId> {
  const session = newSession(number, { seat, ...changes });
  await world.store.createSession(session);
  return session.id;
}

async function start(world: StoreWorld, id: SessionId): Promise<boolean> {
  return (await world.store.moveSession({ id, epoch: 1, from: 'pending', to: 'running.streaming' })).moved;
}

async function end(world: StoreWorld, id: SessionId): Promise<boolean> {
  return (await world.store.moveSession({ id, epoch: 1, from: 'running.streaming', to: 'failed', error: failure })).moved;
}

/** What every store does with sessions that need a seat. */
export const seatCases: readonly StoreCase[] = [
  {
    name: 'starts as many sessions of a seat key as its limit says, and the next one when one has ended',
    async run(world) {
      await world.store.registerOwner(host, leaseMs);
      const two = { seat: { key: 'sum\nann', limit: 2 } };
      const ids = [await record(world, 1, two), await record(world, 2, two), await record(world, 3, two)] as const;
      const other = await record(world, 4, { seat: { key: 'sum\nbob', limit: 2 } });
      const without = newSession(5);
      await world.store.createSession(without);
      assert.deepEqual([await start(world, ids[0]), await start(world, ids[1]), await start(world, ids[2])], [true, true, false]);
      assert.deepEqual([await start(world, other), await start(world, without.id)], [true, true]);
      const refused = await world.store.getSession(ids[2]);
      assert.deepEqual([refused?.state, refused?.eventNumber, refused?.seat], ['pending', 0, two.seat]);
      assert.equal((await world.store.getSession(without.id))?.seat, undefined);
      await end(world, ids[0]);
      assert.equal(await start(world, ids[2]), true);
    },
  },
  {
    name: 'starts sessions that wait for a seat in the order of their priority, then of their creation',
    async run(world) {
      await world.store.registerOwner(host, leaseMs);
      const holder = await record(world, 1);
      await start(world, holder);
      const [second, third, urgent] = [
        await record(world, 2),
        await record(world, 3),
        await record(world, 4, { priority: 5 }),
      ] as const;
      await end(world, holder);
      for (const [next, ...others] of [[urgent, third, second], [second, third], [third]] as const) {
        for (const other of others) assert.equal(await start(world, other), false);
        assert.equal(await start(world, next), true);
        await end(world, next);
      }
    },
  },
  {
    name: 'keeps nobody waiting for a session that is paused, is to be cancelled, or waits for a dead host',
    async run(world) {
      const { store, clock } = world;
      await store.registerOwner(host, leaseMs);
      await store.registerOwner(otherHost, 1_000);
      const [paused, cancelled, left, next] = [
        await record(world, 1),
        await record(world, 2),
        await record(world, 3, { coordinator: otherHost }),
        await record(world, 4),
      ] as const;
      await store.requestSession(paused, { paused: true });
      assert.equal(await start(world, next), false);
      await store.requestSession(cancelled, { cancelReason: 'enough' });
      assert.equal(await start(world, next), false);
      clock.advance(1_000);
      assert.equal(await start(world, next), true);
      assert.equal((await store.getSession(left))?.state, 'pending');
    },
  },
  {
    name: 'keeps the seat of a running session whose host died, until it has ended',
    async run(world) {
      const { store, clock } = world;
      await store.registerOwner(otherHost, 1_000);
      const holder = await record(world, 1, { coordinator: otherHost });
      await start(world, holder);
      clock.advance(2_000);
      await store.registerOwner(host, leaseMs);
      const waiting = await record(world, 2);
      assert.equal(await start(world, waiting), false);
      const adopted = await store.adoptSession(holder, host);
      assert.equal(await start(world, waiting), false);
      await store.moveSession({ id: holder, epoch: adopted?.epoch ?? 0, from: 'running.streaming', to: 'cancelled' });
      assert.equal(await start(world, waiting), true);
    },
  },
  {
    name: 'replays a session only when there is a seat for it',
    async run(world) {
      const { store } = world;
      await store.registerOwner(host, leaseMs);
      const ended = await record(world, 1);
      await start(world, ended);
      await end(world, ended);
      const running = await record(world, 2);
      await start(world, running);
      const replay = () => store.replaySession({ id: ended, owner: host, batches: [] });
      assert.equal(await replay(), undefined);
      assert.equal((await store.getSession(ended))?.state, 'failed');
      await end(world, running);
      assert.equal((await replay())?.generation, 2);
      const waiting = await record(world, 3);
      assert.equal(await start(world, waiting), false);
    },
  },
  {
    name: 'cancels and fails sessions that wait for a seat, and lists the live ones of a key',
    async run(world) {
      const { store } = world;
      await store.registerOwner(host, leaseMs);
      const ids = [await record(world, 1), await record(world, 2), await record(world, 3)] as const;
      await record(world, 4, { seat: { key: 'sum\nbob', limit: 1 } });
      await start(world, ids[0]);
      assert.equal((await store.moveSession({ id: ids[1], epoch: 1, from: 'pending', to: 'cancelled' })).moved, true);
      const live = await store.listSessions({ seatKey: seat.key, limit: 9 });
      assert.deepEqual(
        live.map(({ id, state }) => [id, state]),
        [
          [ids[2], 'pending'],
          [ids[0], 'running.streaming'],
        ],
      );
    },
  },
  {
    name: 'gives one seat to one of two sessions of two stores on the same data that start at once',
    needs: 'shared',
    async run(world) {
      const second = await world.second();
      await world.store.registerOwner(host, leaseMs);
      await world.store.createSession(newSession(1, { seat }));
      await second.createSession(newSession(2, { seat }));
      const move = { epoch: 1, from: 'pending', to: 'running.streaming' } as const;
      const moved = await Promise.all([
        second.moveSession({ id: sessionIdOf(2), ...move }),
        world.store.moveSession({ id: sessionIdOf(1), ...move }),
      ]);
      assert.deepEqual(
        moved.map((one) => one.moved),
        [false, true],
      );
    },
  },
];
