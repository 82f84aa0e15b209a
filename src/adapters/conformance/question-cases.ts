import assert from 'node:assert/strict';
import type { Within } from '../../model/questions.ts';
import { failure, first, host, leaseMs, newBatch, otherHost, type Scene, startScene } from './scene.ts';
import type { StoreCase, StoreWorld } from './store-case.ts';

const numbersOf = (list: readonly { readonly number: number }[]): readonly number[] => list.map(({ number }) => number);

/** A second session of the same host. */
async function another(world: StoreWorld, number = 2): Promise<Scene> {
  return startScene(world, number, { job: 'other' });
}

/** Brings the first batch of a session to an end that crashed, and back to pending. */
async function crashOnce(world: StoreWorld, scene: Scene, number: number): Promise<void> {
  await scene.claim([number], otherHost);
  world.clock.advance(leaseMs);
  await world.store.rescue(9);
  await world.store.registerOwner(host, leaseMs);
  await world.store.registerOwner(otherHost, leaseMs);
  await scene.write({ number, from: 'crashed.deciding', to: 'pending', attempt: 0 });
}

async function complete(scene: Scene, number: number, ms: number): Promise<void> {
  await scene.settle(first(await scene.claim([number])), 'completed', { ms, itemsCompleted: 1 });
}

/** What the store answers to questions for batches. */
export const questionCases: readonly StoreCase[] = [
  {
    name: 'names the batches that crashed, with their newest crash, whatever became of them',
    async run(world) {
      const scene = await startScene(world);
      await world.store.registerOwner(otherHost, leaseMs);
      await scene.enqueue(3, { items: 4 });
      const startedAt = world.clock.now();
      await crashOnce(world, scene, 1);
      await crashOnce(world, scene, 1);
      await complete(scene, 1, 5);
      world.clock.advance(1);
      await scene.settle(first(await scene.claim([2])), 'crashed.dead', { error: failure });
      const ask = (within: Within, limit = 9) => world.store.query('crashed', { ...within, limit });
      const [last, healed, ...none] = await ask({ sessionId: scene.id });
      assert.deepEqual(none, []);
      assert.deepEqual([last?.number, last?.state, last?.crash.times, last?.crash.error], [2, 'crashed.dead', 1, failure]);
      assert.deepEqual(
        [healed?.number, healed?.state, healed?.items, healed?.job, healed?.key],
        [1, 'completed', 4, 'sum', 'key-1'],
      );
      assert.deepEqual(
        [healed?.crash.times, healed?.crash.startedAt, healed?.crash.endedAt],
        [2, startedAt + leaseMs, startedAt + 2 * leaseMs],
      );
      assert.deepEqual(numbersOf(await ask({ since: startedAt })), [2, 1]);
      assert.deepEqual(numbersOf(await ask({ since: world.clock.now() })), [2]);
      assert.deepEqual(numbersOf(await ask({ since: world.clock.now() + 1 })), []);
      assert.deepEqual(numbersOf(await ask({ since: 0 }, 1)), [2]);
      assert.deepEqual(await ask({ sessionId: (await another(world)).id }), []);
    },
  },
  {
    name: 'names the slowest completed batches, of a session and since a moment',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(4);
      for (const [number, ms] of [5, 50, 20].entries()) await complete(scene, number, ms);
      await scene.claim([3]);
      world.clock.advance(1_000);
      const other = await another(world);
      await other.enqueue(1);
      await complete(other, 0, 30);
      const ask = async (within: Within, limit = 9) =>
        (await world.store.query('slowest', { ...within, limit })).map(({ job, ms }) => [job, ms]);
      assert.deepEqual(await ask({ sessionId: scene.id }), [
        ['sum', 50],
        ['sum', 20],
        ['sum', 5],
      ]);
      assert.deepEqual(await ask({ since: 0 }, 2), [
        ['sum', 50],
        ['other', 30],
      ]);
      assert.deepEqual(await ask({ since: world.clock.now() }), [['other', 30]]);
    },
  },
  {
    name: 'finds every batch of a task id, given or default, in the order in which they were enqueued',
    async run(world) {
      const scene = await startScene(world, 1, { key: 'a#b:c' });
      const enqueue = {
        batches: ['x', null, 'x'].map((taskId, number) => newBatch(number, { taskId })),
        position: { chunks: 3, items: 3, ended: true },
      };
      await scene.commit({ enqueue });
      world.clock.advance(5);
      const other = await another(world);
      await other.enqueue(1, { taskId: 'x' });
      const ask = async (taskId: string, limit = 9) =>
        (await world.store.query('chain', { taskId, limit })).map(({ job, number }) => `${job} ${number}`);
      assert.deepEqual(await ask('x'), ['sum 0', 'sum 2', 'other 0']);
      assert.deepEqual(await ask('x', 2), ['sum 2', 'other 0']);
      assert.deepEqual(await ask('sum:a#b:c#1'), ['sum 1']);
      for (const none of ['sum:a#b:c#0', 'sum:a#b:c#9', 'other:a#b:c#1', 'y', '', 'sum:a#b:c#01'])
        assert.deepEqual(await ask(none), []);
    },
  },
  {
    name: 'names what runs, the longest first, and what is stuck: lost, or claimed too long ago',
    async run(world) {
      const scene = await startScene(world);
      await world.store.registerOwner(otherHost, leaseMs / 2);
      await scene.enqueue(4);
      await scene.claim([2], otherHost);
      world.clock.advance(10);
      await scene.claim([0]);
      world.clock.advance(10);
      await scene.claim([1]);
      const ask = (filter: { stuckSince?: number } = {}, limit = 9) => world.store.query('running', { ...filter, limit });
      const all = await ask();
      assert.deepEqual(
        all.map(({ number, owner, lost }) => [number, owner, lost]),
        [
          [2, otherHost, false],
          [0, host, false],
          [1, host, false],
        ],
      );
      assert.deepEqual(numbersOf(await ask({ stuckSince: world.clock.now() - 10 })), [2, 0]);
      assert.deepEqual(numbersOf(await ask({ stuckSince: 0 })), []);
      world.clock.advance(leaseMs / 2);
      assert.deepEqual(
        (await ask({ stuckSince: 0 })).map(({ number, lost }) => [number, lost]),
        [[2, true]],
      );
      assert.deepEqual(numbersOf(await ask({}, 1)), [2]);
      await scene.move('running.streaming', 'cancelled', { cancelOpen: true });
      assert.deepEqual(await ask(), []);
    },
  },
  {
    name: 'lists the batches with the newest change',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(3);
      world.clock.advance(1);
      await complete(scene, 1, 1);
      world.clock.advance(1);
      await scene.claim([2]);
      assert.deepEqual(numbersOf(await world.store.query('newest', { limit: 9 })), [2, 1, 0]);
      assert.deepEqual(numbersOf(await world.store.query('newest', { limit: 2 })), [2, 1]);
    },
  },
];
