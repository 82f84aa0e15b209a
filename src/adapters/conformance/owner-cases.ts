import assert from 'node:assert/strict';
import type { OwnerId } from '../../model/ids.ts';
import { first, host, leaseMs, newSession, otherHost, sessionIdOf, startScene } from './scene.ts';
import type { StoreCase } from './store-case.ts';

/** What every store does with owners, their leases, and what they leave behind. */
export const ownerCases: readonly StoreCase[] = [
  {
    name: 'renews a lease that has not run out',
    async run({ store, clock }) {
      const { leaseExpiresAt } = await store.registerOwner(host, leaseMs);
      assert.equal(leaseExpiresAt, clock.now() + leaseMs);
      clock.advance(leaseMs - 1);
      assert.deepEqual(await store.renewOwner(host, leaseMs), { id: host, leaseExpiresAt: clock.now() + leaseMs });
    },
  },
  {
    name: 'refuses a renewal that comes too late',
    async run({ store, clock }) {
      await store.registerOwner(host, leaseMs);
      clock.advance(leaseMs);
      assert.equal(await store.renewOwner(host, leaseMs), undefined);
      assert.equal(await store.renewOwner('nobody' as OwnerId, leaseMs), undefined);
    },
  },
  {
    name: 'refuses a renewal after the owner was removed',
    async run({ store }) {
      await store.registerOwner(host, leaseMs);
      await store.removeOwner(host);
      assert.equal(await store.renewOwner(host, leaseMs), undefined);
    },
  },
  {
    name: 'rescues the running batches of an owner whose lease ran out, and only those',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(4);
      await scene.claim(2);
      world.clock.advance(leaseMs - 1);
      await world.store.registerOwner(otherHost, leaseMs);
      await scene.claim([2], otherHost);
      assert.equal(await world.store.rescue(10), 0);
      world.clock.advance(1);
      assert.equal(await world.store.rescue(10), 2);
      assert.equal(await world.store.rescue(10), 0);
      const batches = await world.store.listBatches({ sessionId: scene.id, limit: 10 });
      assert.deepEqual(
        batches.map(({ state }) => state),
        ['crashed.deciding', 'crashed.deciding', 'running', 'pending'],
      );
      assert.deepEqual([batches[0]?.error?.category, batches[0]?.attempt, batches[0]?.token], ['host-death', 1, null]);
      const { counts } = await scene.session();
      assert.deepEqual([counts.batches.crashed, counts.batches.running], [2, 1]);
    },
  },
  {
    name: 'rescues no more than it is asked for',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(5);
      await scene.claim(5);
      world.clock.advance(leaseMs);
      assert.deepEqual([await world.store.rescue(2), await world.store.rescue(10)], [2, 3]);
    },
  },
  {
    name: 'rescues the batches of an owner that was removed',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      await scene.claim(1);
      await world.store.removeOwner(host);
      assert.equal(await world.store.rescue(10), 1);
    },
  },
  {
    name: 'refuses what an owner writes for a batch that was rescued from it',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      const batch = first(await scene.claim(1));
      world.clock.advance(leaseMs);
      await world.store.rescue(10);
      assert.equal(await scene.settle(batch, 'completed'), false);
    },
  },
  {
    name: 'accepts what an owner writes after its lease ran out and before a rescue',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      const batch = first(await scene.claim(1));
      world.clock.advance(leaseMs);
      assert.equal(await scene.settle(batch, 'completed'), true);
      assert.equal(await world.store.rescue(10), 0);
    },
  },
  {
    name: 'does not let a session be adopted from a living coordinator',
    async run(world) {
      const scene = await startScene(world);
      await world.store.registerOwner(otherHost, leaseMs);
      assert.equal(await world.store.adoptSession(scene.id, otherHost), undefined);
      assert.equal((await scene.session()).epoch, 1);
    },
  },
  {
    name: 'lets a session be adopted from a dead coordinator, under a new epoch',
    async run(world) {
      const scene = await startScene(world);
      world.clock.advance(leaseMs);
      await world.store.registerOwner(otherHost, leaseMs);
      const adopted = await world.store.adoptSession(scene.id, otherHost);
      assert.deepEqual([adopted?.epoch, adopted?.coordinator], [2, otherHost]);
      assert.equal(await world.store.adoptSession(scene.id, host), undefined);
      assert.equal((await scene.enqueue(1)).enqueued, false);
      assert.equal(await scene.move('running.streaming', 'failed'), false);
    },
  },
  {
    name: 'lets one of two adopters win',
    async run(world) {
      const scene = await startScene(world);
      await world.store.removeOwner(host);
      const owners = ['a', 'b'] as OwnerId[];
      for (const owner of owners) await world.store.registerOwner(owner, leaseMs);
      const answers = await Promise.all(owners.map((owner) => world.store.adoptSession(scene.id, owner)));
      assert.equal(answers.filter((answer) => answer !== undefined).length, 1);
      assert.equal((await scene.session()).epoch, 2);
    },
  },
  {
    name: 'lets a session that was left be adopted at once, and be left only under its epoch',
    async run(world) {
      const scene = await startScene(world);
      await world.store.registerOwner(otherHost, leaseMs);
      await world.store.leaveSession(scene.id, 0);
      assert.equal(await world.store.adoptSession(scene.id, otherHost), undefined);
      await world.store.leaveSession(scene.id, 1);
      assert.equal((await world.store.adoptSession(scene.id, otherHost))?.coordinator, otherHost);
    },
  },
  {
    name: 'does not let an ended session, or one that is not there, be adopted',
    async run(world) {
      const scene = await startScene(world);
      await scene.move('running.streaming', 'failed');
      await world.store.removeOwner(host);
      await world.store.registerOwner(otherHost, leaseMs);
      assert.equal(await world.store.adoptSession(scene.id, otherHost), undefined);
      assert.equal(await world.store.adoptSession(sessionIdOf(9), otherHost), undefined);
    },
  },
  {
    name: 'does not let a dead owner adopt',
    async run(world) {
      const scene = await startScene(world);
      world.clock.advance(leaseMs);
      assert.equal(await world.store.adoptSession(scene.id, host), undefined);
      assert.equal(await world.store.adoptSession(scene.id, 'nobody' as OwnerId), undefined);
    },
  },
  {
    name: 'lists as orphaned the live sessions without a living coordinator',
    async run(world) {
      const { store } = world;
      await startScene(world);
      const ended = await startScene(world, 2);
      await ended.move('running.streaming', 'cancelled');
      await store.createSession(newSession(3, { coordinator: null }));
      await store.createSession(newSession(4, { coordinator: 'never-registered' as OwnerId }));
      const orphans = async () => (await store.listSessions({ orphaned: true, limit: 10 })).map(({ id }) => id);
      assert.deepEqual(await orphans(), [sessionIdOf(4), sessionIdOf(3)]);
      world.clock.advance(leaseMs);
      assert.deepEqual(await orphans(), [sessionIdOf(4), sessionIdOf(3), sessionIdOf(1)]);
    },
  },
];
