import assert from 'node:assert/strict';
import type { BatchState } from '../../model/moves.ts';
import { failure, first, host, leaseMs, newBatch, otherHost, type Scene, startScene } from './scene.ts';
import type { StoreCase, StoreWorld } from './store-case.ts';

/** The host dies, and the other one takes over under epoch 2. A batch of the new coordinator's runs. */
async function takenOver(world: StoreWorld): Promise<Scene> {
  const scene = await startScene(world);
  await scene.enqueue(2);
  await scene.claim(1);
  world.clock.advance(leaseMs);
  await world.store.rescue(9);
  await world.store.registerOwner(otherHost, leaseMs);
  await world.store.adoptSession(scene.id, otherHost);
  return scene;
}

const takeovers = async (scene: Scene): Promise<number> => (await scene.session()).takeovers;

/** What of a running batch that tells the session gets on. */
const learnt: Readonly<Record<string, boolean>> = {
  completed: true,
  'failed.waiting': true,
  'failed.isolating': true,
  'failed.dead': true,
  'crashed.waiting': true,
  'crashed.isolating': true,
  'crashed.dead': true,
  pending: false,
  cancelled: false,
};

/** What every store counts when hosts take over from dead ones. */
export const takeoverCases: readonly StoreCase[] = [
  {
    name: 'counts a takeover from a coordinator that died, each time',
    async run(world) {
      const scene = await takenOver(world);
      assert.equal(await takeovers(scene), 1);
      world.clock.advance(leaseMs);
      await world.store.registerOwner(host, leaseMs);
      assert.equal((await world.store.adoptSession(scene.id, host))?.takeovers, 2);
    },
  },
  {
    name: 'counts a host death for a batch whose host died, and none when its host signed off with it in hand',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(2);
      await scene.claim([0]);
      await world.store.registerOwner(otherHost, leaseMs);
      await scene.claim([1], otherHost);
      await world.store.removeOwner(otherHost);
      world.clock.advance(leaseMs);
      assert.equal(await world.store.rescue(9), 2);
      assert.deepEqual([(await scene.batch(0)).hostDeaths, (await scene.batch(1)).hostDeaths], [1, 0]);
    },
  },
  {
    name: 'counts a takeover once, however often its owner asks',
    async run(world) {
      const scene = await takenOver(world);
      assert.equal((await world.store.adoptSession(scene.id, otherHost))?.takeovers, 1);
    },
  },
  {
    name: 'counts no takeover from a host that left the session, or signed off, or never was',
    async run(world) {
      await world.store.registerOwner(otherHost, leaseMs);
      const left = await startScene(world, 1);
      await world.store.leaveSession(left.id, 1);
      assert.equal((await world.store.adoptSession(left.id, otherHost))?.takeovers, 0);
      const signedOff = await startScene(world, 2);
      await world.store.removeOwner(host);
      assert.equal((await world.store.adoptSession(signedOff.id, otherHost))?.takeovers, 0);
      const unknown = await startScene(world, 3, { coordinator: 'never-registered' as typeof host });
      assert.equal((await world.store.adoptSession(unknown.id, otherHost))?.takeovers, 0);
      const absent = await startScene(world, 4, { coordinator: null });
      assert.equal((await world.store.adoptSession(absent.id, otherHost))?.takeovers, 0);
    },
  },
  ...Object.entries(learnt).map(
    ([to, isProgress]): StoreCase => ({
      name: `${isProgress ? 'counts takeovers anew' : 'keeps the count of takeovers'} when a running batch becomes ${to}`,
      async run(world) {
        const scene = await takenOver(world);
        const batch = first(await scene.claim([1], otherHost));
        assert.equal(await scene.settle(batch, to as BatchState, { error: failure }), true);
        assert.equal(await takeovers(scene), isProgress ? 0 : 1);
      },
    }),
  ),
  ...(['crashed.dead', 'crashed.waiting', 'crashed.isolating', 'pending', 'cancelled'] as const).map(
    (to): StoreCase => ({
      name: `${to === 'crashed.dead' ? 'counts takeovers anew' : 'keeps the count of takeovers'} when a rescued batch becomes ${to}`,
      async run(world) {
        const scene = await takenOver(world);
        const write = { number: 0, from: 'crashed.deciding', to, attempt: 1, error: failure } as const;
        assert.deepEqual((await scene.commit({ epoch: 2, writes: [write] })).written, [true]);
        assert.equal(await takeovers(scene), to === 'crashed.dead' ? 0 : 1);
      },
    }),
  ),
  {
    name: 'keeps the count of takeovers when a write is refused, or a batch is claimed',
    async run(world) {
      const scene = await takenOver(world);
      const write = { number: 1, from: 'running', to: 'completed', attempt: 1, token: 'stale' as never } as const;
      assert.equal(await scene.write(write), false);
      await scene.claim(1, otherHost);
      assert.equal(await takeovers(scene), 1);
    },
  },
  {
    name: 'counts takeovers anew when batches are added, and not when it only learns that the source has ended',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(2, {}, false);
      world.clock.advance(leaseMs);
      await world.store.registerOwner(otherHost, leaseMs);
      await world.store.adoptSession(scene.id, otherHost);
      const { position } = await scene.session();
      await scene.commit({ epoch: 2, enqueue: { batches: [], position: { ...position, ended: true } } });
      assert.equal(await takeovers(scene), 1);
    },
  },
  {
    name: 'counts takeovers anew when batches are added',
    async run(world) {
      const scene = await startScene(world);
      world.clock.advance(leaseMs);
      await world.store.registerOwner(otherHost, leaseMs);
      await world.store.adoptSession(scene.id, otherHost);
      assert.equal(await takeovers(scene), 1);
      await scene.commit({ epoch: 2, enqueue: { batches: [newBatch(0)], position: { chunks: 1, items: 1, ended: false } } });
      assert.equal(await takeovers(scene), 0);
    },
  },
];
