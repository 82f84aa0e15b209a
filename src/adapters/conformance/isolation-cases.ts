import assert from 'node:assert/strict';
import type { Token } from '../../model/ids.ts';
import type { Isolation } from '../../model/records.ts';
import { failure, first, host, leaseMs, otherHost, startScene } from './scene.ts';
import type { StoreCase } from './store-case.ts';

const search: Isolation = {
  phase: 'search',
  from: -2,
  to: 9,
  noted: null,
  size: 0,
  deadInSight: 0,
  dead: [3, 5],
  survived: false,
  error: failure,
};

const rest: Isolation = { ...search, phase: 'rest' };

const isolatingStates = ['failed.isolating', 'crashed.isolating'] as const;

/** What every store does with batches that are searched for the item that kills them. */
export const isolationCases: readonly StoreCase[] = [
  {
    name: 'keeps how far a search has come, until a write says otherwise',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1, { items: 9 });
      const batch = first(await scene.claim(1));
      assert.equal(batch.isolation, null);
      await scene.settle(batch, 'crashed.isolating', { isolation: search, error: failure });
      assert.deepEqual((await scene.batch(0)).isolation, search);
      const again = first(await scene.claim([0]));
      assert.deepEqual(again.isolation, search);
      await scene.settle(again, 'pending', { attempt: 0 });
      assert.deepEqual((await scene.batch(0)).isolation, search);
      await scene.settle(first(await scene.claim([0])), 'completed', { isolation: null });
      assert.equal((await scene.batch(0)).isolation, null);
    },
  },
  {
    name: 'keeps a search of its own: what callers do with theirs changes nothing',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      const dead = [1];
      const isolation = { ...search, dead };
      await scene.settle(first(await scene.claim(1)), 'failed.isolating', { isolation, error: failure });
      dead.push(2);
      Object.assign(isolation, { phase: 'rest' });
      assert.deepEqual((await scene.batch(0)).isolation, { ...search, dead: [1] });
    },
  },
  ...isolatingStates.map(
    (state): StoreCase => ({
      name: `claims a batch that is ${state} like a pending one, by number and in the order of numbers`,
      async run(world) {
        const scene = await startScene(world);
        await scene.enqueue(4);
        for (const batch of await scene.claim([0, 2])) await scene.settle(batch, state, { isolation: search, error: failure });
        assert.equal(first(await scene.claim([2])).number, 2);
        const claimed = await scene.claim(2);
        assert.deepEqual(
          claimed.map(({ number }) => number),
          [0, 1],
        );
        assert.equal((await scene.session()).counts.batches.running, 3);
      },
    }),
  ),
  {
    name: 'counts no attempt for a claim that only searches, whether the batch is isolating or was handed back',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      await scene.settle(first(await scene.claim(1)), 'crashed.isolating', { isolation: search, error: failure });
      const probe = first(await scene.claim(1));
      assert.equal(probe.attempt, 1);
      assert.equal((await scene.batch(0)).attempt, 1);
      await scene.settle(probe, 'pending');
      assert.equal(first(await scene.claim([0])).attempt, 1);
      assert.equal((await scene.batch(0)).attempt, 1);
      const attempts = await world.store.listAttempts({ sessionId: scene.id, after: 0, limit: 9 });
      assert.deepEqual(
        attempts.map(({ execution }) => execution),
        [1, 2],
      );
    },
  },
  {
    name: 'hands out what is left at once when the item was found, and counts attempts again',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1, { items: 9 });
      await scene.settle(first(await scene.claim(1)), 'crashed.isolating', { isolation: search, error: failure });
      const letter = { itemId: 'killer', place: 3, items: 1, taskId: 't', error: failure, attempts: 1 };
      const found = { attempt: 0, isolation: rest, deadLetters: [letter] };
      assert.equal(await scene.settle(first(await scene.claim(1)), 'pending', found), true);
      const left = first(await scene.claim(1));
      assert.deepEqual([left.attempt, left.isolation], [1, rest]);
      await scene.settle(left, 'completed', { itemsCompleted: 8 });
      assert.deepEqual((await scene.session()).counts.items, { total: 9, completed: 8, failed: 1, cancelled: 0 });
    },
  },
  {
    name: 'answers a search that is settled again as settled, once for each of its claims',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      const probe = first(await scene.claim(1));
      const write = {
        number: 0,
        from: 'running',
        to: 'crashed.isolating',
        token: probe.token as Token,
        attempt: 1,
        isolation: search,
      } as const;
      assert.equal(await scene.write(write), true);
      const { eventNumber } = await scene.session();
      assert.equal(await scene.write(write), true);
      assert.equal((await scene.session()).eventNumber, eventNumber);
    },
  },
  {
    name: 'goes on with a search whose host died: it is rescued, and claimed again with all that was found',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      await scene.settle(first(await scene.claim(1)), 'crashed.isolating', { isolation: search, error: failure });
      await scene.claim(1);
      world.clock.advance(leaseMs);
      assert.equal(await world.store.rescue(9), 1);
      await world.store.registerOwner(otherHost, leaseMs);
      assert.equal(await scene.write({ number: 0, from: 'crashed.deciding', to: 'crashed.isolating', attempt: 1 }), true);
      const again = first(await scene.claim(1, otherHost));
      assert.deepEqual([again.isolation, again.hostDeaths, again.attempt], [search, 1, 1]);
    },
  },
  {
    name: 'counts the hosts that died while a batch ran, and nothing else that ends a claim',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(2);
      for (const deaths of [1, 2]) {
        await scene.claim([0]);
        world.clock.advance(leaseMs);
        await world.store.rescue(9);
        assert.equal((await scene.batch(0)).hostDeaths, deaths);
        await world.store.registerOwner(host, leaseMs);
        await scene.write({ number: 0, from: 'crashed.deciding', to: 'pending', attempt: 0 });
      }
      for (const to of ['crashed.waiting', 'failed.waiting', 'pending'] as const) {
        await scene.settle(first(await scene.claim([1])), to, { retryInMs: 0 });
        assert.equal((await scene.batch(1)).hostDeaths, 0);
      }
      assert.equal(first(await scene.claim([0])).hostDeaths, 2);
    },
  },
  {
    name: 'keeps the items of a batch and of its overlap apart',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1, { first: 10, items: 5, before: 3, after: 2 });
      await scene.enqueue(1, { first: 15, items: 5 });
      const [a, b] = await world.store.listBatches({ sessionId: scene.id, limit: 9 });
      assert.deepEqual([a?.before, a?.after, b?.before, b?.after], [3, 2, 0, 0]);
      const claimed = await scene.claim(2);
      assert.deepEqual(
        claimed.map(({ before, after }) => [before, after]),
        [
          [3, 2],
          [0, 0],
        ],
      );
    },
  },
  {
    name: 'lists the batches whose core or overlap holds a position, and no neighbour of theirs',
    async run(world) {
      const scene = await startScene(world);
      // Cores 0-4, 5-9, 10-14, 15-19; with overlap 0-6, 3-11, 8-16, 13-19.
      const around = { items: 5, before: 2, after: 2 };
      await scene.enqueue(1, { ...around, first: 0, before: 0 });
      await scene.enqueue(1, { ...around, first: 5 });
      await scene.enqueue(1, { ...around, first: 10 });
      await scene.enqueue(1, { ...around, first: 15, after: 0 });
      const touching = async (from: number, to: number, more: object = {}) => {
        const found = await world.store.listBatches({ sessionId: scene.id, touching: { from, to }, limit: 9, ...more });
        return found.map(({ number }) => number);
      };
      assert.deepEqual(await touching(2, 3), [0]);
      assert.deepEqual(await touching(3, 4), [0, 1]);
      assert.deepEqual(await touching(6, 7), [0, 1]);
      assert.deepEqual(await touching(7, 8), [1]);
      assert.deepEqual(await touching(7, 9), [1, 2]);
      assert.deepEqual(await touching(16, 17), [2, 3]);
      assert.deepEqual(await touching(17, 20), [3]);
      assert.deepEqual([await touching(20, 30), await touching(-3, 0), await touching(5, 5)], [[], [], []]);
      assert.deepEqual(await touching(0, 99, { from: 1, limit: 2 }), [1, 2]);
      assert.deepEqual(await touching(0, 99, { states: ['running'] }), []);
    },
  },
];
