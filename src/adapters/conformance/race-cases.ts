import assert from 'node:assert/strict';
import type { OwnerId } from '../../model/ids.ts';
import type { BatchState } from '../../model/moves.ts';
import type { BatchRecord } from '../../model/records.ts';
import type { Store } from '../../model/store.ts';
import { failure, first, host, leaseMs, newSession, otherHost, type Scene, sessionIdOf, startScene } from './scene.ts';
import type { StoreCase, StoreWorld } from './store-case.ts';

/** What a claim can be settled to. */
const endings = [
  'completed',
  'failed.waiting',
  'failed.isolating',
  'failed.dead',
  'crashed.waiting',
  'crashed.isolating',
  'crashed.dead',
  'pending',
] as const satisfies BatchState[];

type Ending = (typeof endings)[number];

function settle(scene: Scene, batch: BatchRecord, to: Ending): Promise<boolean> {
  return scene.settle(batch, to, to === 'completed' ? { itemsCompleted: 1 } : { error: failure });
}

async function claimedOne(world: StoreWorld): Promise<{ scene: Scene; batch: BatchRecord }> {
  const scene = await startScene(world);
  await scene.enqueue(1);
  return { scene, batch: first(await scene.claim(1)) };
}

/** Counts and rows say the same: each batch is in one state, once. */
async function assertCounted(scene: Scene, store: Store): Promise<void> {
  const { counts } = await scene.session();
  const rows = await store.listBatches({ sessionId: scene.id, limit: 1_000 });
  const byStatus = new Map<string, number>();
  for (const { state } of rows) {
    const status = state.split('.')[0] as string;
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
  }
  const { total, ...statuses } = counts.batches;
  assert.equal(total, rows.length);
  for (const [status, count] of Object.entries(statuses)) assert.equal(count, byStatus.get(status) ?? 0, status);
}

const afterRescue = endings.map(
  (to): StoreCase => ({
    name: `changes nothing by a settle to ${to} that comes after a rescue, and counts the batch once`,
    async run(world) {
      const { scene, batch } = await claimedOne(world);
      world.clock.advance(leaseMs);
      assert.equal(await world.store.rescue(10), 1);
      const rescued = await scene.batch(0);
      assert.equal(await settle(scene, batch, to), false);
      assert.deepEqual(await scene.batch(0), rescued);
      await assertCounted(scene, world.store);
    },
  }),
);

const afterReclaim = endings.map(
  (to): StoreCase => ({
    name: `changes nothing by a settle to ${to} when another host has claimed the batch meanwhile`,
    async run(world) {
      const { scene, batch } = await claimedOne(world);
      world.clock.advance(leaseMs);
      await world.store.rescue(10);
      await scene.write({ number: 0, from: 'crashed.deciding', to: 'pending', attempt: 0 });
      await world.store.registerOwner(otherHost, leaseMs);
      const reclaimed = first(await scene.claim([0], otherHost));
      assert.equal(await settle(scene, batch, to), false);
      assert.deepEqual(await scene.batch(0), reclaimed);
      assert.equal(await settle(scene, reclaimed, to), true);
      await assertCounted(scene, world.store);
    },
  }),
);

const atOnce = endings.map(
  (to): StoreCase => ({
    name: `lets one of the two win when a settle to ${to} and a rescue come at once`,
    async run(world) {
      const { scene, batch } = await claimedOne(world);
      world.clock.advance(leaseMs);
      const [isSettled, rescued] = await Promise.all([settle(scene, batch, to), world.store.rescue(10)]);
      assert.equal(Number(isSettled) + rescued, 1);
      assert.equal((await scene.batch(0)).state, isSettled ? to : 'crashed.deciding');
      const attempts = await world.store.listAttempts({ sessionId: scene.id, after: 0, limit: 10 });
      assert.equal(attempts.length, 1, 'the attempt is listed once');
      await assertCounted(scene, world.store);
    },
  }),
);

const beforeRescue = endings.map(
  (to): StoreCase => ({
    name: `leaves a batch that was settled to ${to} where it is when its owner dies afterwards`,
    async run(world) {
      const { scene, batch } = await claimedOne(world);
      await settle(scene, batch, to);
      const settled = await scene.batch(0);
      world.clock.advance(leaseMs * 2);
      assert.equal(await world.store.rescue(10), 0);
      assert.deepEqual(await scene.batch(0), settled);
    },
  }),
);

const leases: readonly StoreCase[] = [
  {
    name: 'does not take a batch from a host that beats, however long it runs',
    async run(world) {
      const { scene, batch } = await claimedOne(world);
      for (let beat = 0; beat < 30; beat++) {
        world.clock.advance(leaseMs / 3);
        assert.notEqual(await world.store.renewOwner(host, leaseMs), undefined);
        assert.equal(await world.store.rescue(10), 0);
      }
      await world.store.registerOwner(otherHost, leaseMs);
      assert.deepEqual(await scene.claim([0], otherHost), []);
      assert.equal(await settle(scene, batch, 'completed'), true);
    },
  },
  {
    name: 'finds a batch of a dead host behind more than a page of living ones',
    async run(world) {
      const scene = await startScene(world);
      await world.store.registerOwner(otherHost, leaseMs);
      await scene.enqueue(41);
      await scene.claim(Array.from({ length: 40 }, (_, number) => number));
      await scene.claim([40], otherHost);
      world.clock.advance(leaseMs / 2);
      await world.store.renewOwner(host, leaseMs);
      world.clock.advance(leaseMs / 2);
      assert.equal(await world.store.rescue(4), 1);
      assert.equal((await scene.batch(40)).state, 'crashed.deciding');
      assert.equal((await scene.session()).counts.batches.running, 40);
    },
  },
  {
    name: 'finds a batch of a dead host in a session behind more than a page of sessions of living ones',
    async run(world) {
      for (let number = 1; number <= 12; number++) {
        const scene = await startScene(world, number);
        await scene.enqueue(2);
        await scene.claim(2);
      }
      await world.store.registerOwner(otherHost, leaseMs);
      const last = await startScene(world, 13);
      await last.enqueue(1);
      await last.claim([0], otherHost);
      await world.store.removeOwner(otherHost);
      assert.equal(await world.store.rescue(3), 1);
      assert.equal((await last.batch(0)).state, 'crashed.deciding');
    },
  },
  {
    name: 'rescues each batch once when two hosts look at once',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(9);
      await scene.claim(9);
      world.clock.advance(leaseMs);
      const rescued = await Promise.all([world.store.rescue(5), world.store.rescue(5), world.store.rescue(5)]);
      assert.equal(
        rescued.reduce((sum, count) => sum + count, 0),
        9,
      );
      const batches = await world.store.listBatches({ sessionId: scene.id, limit: 10 });
      assert.deepEqual(new Set(batches.map(({ hostDeaths }) => hostDeaths)), new Set([1]));
      await assertCounted(scene, world.store);
    },
  },
  {
    name: 'keeps the claims of a lease that ran out until they are rescued, whatever its owner renews',
    async run(world) {
      const { scene } = await claimedOne(world);
      world.clock.advance(leaseMs);
      assert.equal(await world.store.renewOwner(host, leaseMs), undefined);
      assert.equal((await scene.batch(0)).state, 'running');
      assert.equal(await world.store.rescue(1), 1);
    },
  },
];

const coordination: readonly StoreCase[] = [
  {
    name: 'lists the live sessions that an owner coordinates, with their epochs',
    async run(world) {
      const { store } = world;
      const scene = await startScene(world);
      await store.createSession(newSession(2));
      await store.createSession(newSession(3, { coordinator: otherHost }));
      await store.createSession(newSession(4, { coordinator: null }));
      const listed = [...(await store.listCoordinated(host))].sort((left, right) => (left.id < right.id ? -1 : 1));
      assert.deepEqual(listed.map(plain), [
        { id: scene.id, epoch: 1 },
        { id: sessionIdOf(2), epoch: 1 },
      ]);
      assert.deepEqual(await store.listCoordinated('nobody' as OwnerId), []);
    },
  },
  {
    name: 'lists no session as coordinated that has ended, was left, or was taken over',
    async run(world) {
      const { store } = world;
      const ended = await startScene(world);
      await ended.move('running.streaming', 'failed');
      const left = await startScene(world, 2);
      await store.leaveSession(left.id, 1);
      assert.deepEqual(await store.listCoordinated(host), []);
      await store.registerOwner(otherHost, leaseMs);
      await store.adoptSession(left.id, otherHost);
      assert.deepEqual(await store.listCoordinated(host), []);
      assert.deepEqual((await store.listCoordinated(otherHost)).map(plain), [{ id: left.id, epoch: 2 }]);
    },
  },
  {
    name: 'makes one session of one key when two stores on the same data start it at once',
    needs: 'shared',
    async run(world) {
      const second = await world.second();
      const starts = [world.store, second, world.store, second].map((store, index) =>
        store.createSession(newSession(index + 1, { key: 'one' })),
      );
      const answers = await Promise.all(starts);
      assert.deepEqual(answers.map(({ type }) => type).sort(), ['created', 'live', 'live', 'live']);
      assert.equal(new Set(answers.map(({ session }) => session.id)).size, 1);
    },
  },
  {
    name: 'rescues each batch once when two stores on the same data look at once',
    needs: 'shared',
    async run(world) {
      const scene = await startScene(world);
      const second = await world.second();
      await scene.enqueue(20);
      await scene.claim(20);
      world.clock.advance(leaseMs);
      const rescued = await Promise.all([world.store.rescue(20), second.rescue(20)]);
      assert.equal((rescued[0] ?? 0) + (rescued[1] ?? 0), 20);
      await assertCounted(scene, second);
    },
  },
  {
    name: 'lets one of two stores on the same data adopt a session',
    needs: 'shared',
    async run(world) {
      const scene = await startScene(world);
      const second = await world.second();
      await world.store.removeOwner(host);
      await world.store.registerOwner(otherHost, leaseMs);
      await second.registerOwner('host-3' as OwnerId, leaseMs);
      const adopted = await Promise.all([
        world.store.adoptSession(scene.id, otherHost),
        second.adoptSession(scene.id, 'host-3' as OwnerId),
      ]);
      assert.equal(adopted.filter((session) => session !== undefined).length, 1);
      assert.equal((await scene.session()).epoch, 2);
    },
  },
];

/** Drivers give rows without a prototype. */
function plain({ id, epoch }: { readonly id: string; readonly epoch: number }): object {
  return { id, epoch };
}

/** What every store does when two want the same at once, or one comes late. */
export const raceCases: readonly StoreCase[] = [
  ...afterRescue,
  ...afterReclaim,
  ...atOnce,
  ...beforeRescue,
  ...leases,
  ...coordination,
];
