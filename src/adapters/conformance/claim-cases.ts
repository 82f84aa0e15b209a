import assert from 'node:assert/strict';
import type { OwnerId, Token } from '../../model/ids.ts';
import { failure, first, host, leaseMs, newBatch, otherHost, startScene } from './scene.ts';
import type { StoreCase } from './store-case.ts';

/** What every store does with claims. */
export const claimCases: readonly StoreCase[] = [
  {
    name: 'claims the first batches in the order of their numbers',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(5);
      assert.deepEqual(
        (await scene.claim(2)).map(({ number }) => number),
        [0, 1],
      );
      assert.deepEqual(
        (await scene.claim(2)).map(({ number }) => number),
        [2, 3],
      );
    },
  },
  {
    name: 'claims by number, token by token, and passes over what can not be claimed',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(4);
      await scene.claim([1]);
      const tokens = ['a', 'b', 'c', 'd'] as Token[];
      const { claimed } = await scene.commit({ claim: { tokens, numbers: [3, 1, 0, 99] } });
      assert.deepEqual(
        claimed.map(({ number, token }) => [number, token]),
        [
          [3, 'a'],
          [0, 'c'],
        ],
      );
    },
  },
  {
    name: 'gives each batch to one claimer only',
    async run(world) {
      const scene = await startScene(world);
      await world.store.registerOwner(otherHost, leaseMs);
      await scene.enqueue(20);
      const numbers = Array.from({ length: 20 }, (_, number) => number);
      const claims = await Promise.all([host, otherHost, host, otherHost].map((owner) => scene.claim(numbers, owner)));
      assert.deepEqual(
        claims.map((claimed) => claimed.length),
        [20, 0, 0, 0],
      );
      assert.equal((await scene.session()).counts.batches.running, 20);
    },
  },
  {
    name: 'answers a claim with the whole record',
    async run(world) {
      const scene = await startScene(world);
      const range = { from: 0.5, to: 10, overlapFrom: -1.25, overlapTo: 12 };
      const cut = {
        first: 3,
        items: 2,
        before: 1,
        after: 4,
        range,
        hash: 'h1',
        taskId: 'task:1',
        slice: '{"from":0}',
        lastItem: 'item-4',
      };
      await scene.enqueue(1, cut);
      world.clock.advance(7);
      const claimed = first(await scene.claim(1));
      const rest = {
        sessionId: scene.id,
        state: 'running',
        completed: 0,
        attempt: 1,
        token: '01t1',
        owner: host,
        suspect: false,
        hostDeaths: 0,
        isolation: null,
      };
      const times = { retryAt: null, enqueuedAt: world.clock.now() - 7, claimedAt: world.clock.now(), endedAt: null };
      assert.deepEqual(claimed, { ...newBatch(0, cut), ...rest, ...times, remaining: null, error: null });
      assert.deepEqual(await scene.batch(0), claimed);
    },
  },
  {
    name: 'claims what the same write enqueues',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(2);
      const { claimed, counts } = await scene.commit({
        enqueue: { batches: [newBatch(2), newBatch(3), newBatch(4)], position: { chunks: 5, items: 5, ended: true } },
        claim: { tokens: ['a', 'b', 'c', 'd'] as Token[] },
      });
      assert.deepEqual(
        claimed.map(({ number, token, attempt }) => [number, token, attempt]),
        [
          [0, 'a', 1],
          [1, 'b', 1],
          [2, 'c', 1],
          [3, 'd', 1],
        ],
      );
      assert.deepEqual([counts.batches.pending, counts.batches.running], [1, 4]);
      for (const record of claimed) assert.deepEqual(await scene.batch(record.number), record);
    },
  },
  {
    name: 'claims by number what the same write enqueues, beside older batches',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      const { claimed, counts } = await scene.commit({
        enqueue: { batches: [newBatch(1, { slice: '7' }), newBatch(2)], position: { chunks: 3, items: 3, ended: true } },
        claim: { tokens: ['a', 'b', 'c'] as Token[], numbers: [2, 0, 5] },
      });
      assert.deepEqual(
        claimed.map(({ number, token }) => [number, token]),
        [
          [2, 'a'],
          [0, 'b'],
        ],
      );
      assert.deepEqual([counts.batches.pending, counts.batches.running], [1, 2]);
      assert.equal((await scene.batch(1)).slice, '7');
    },
  },
  {
    name: 'does not claim a waiting batch before its time',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(2);
      const [batch, other] = await scene.claim(2);
      if (batch) await scene.settle(batch, 'failed.waiting', { error: failure, retryInMs: 1_000 });
      if (other) await scene.settle(other, 'crashed.waiting', { error: failure, retryInMs: 3_000 });
      world.clock.advance(999);
      assert.deepEqual(await scene.claim([0, 1]), []);
      assert.deepEqual(await scene.claim(2), []);
      world.clock.advance(1);
      assert.deepEqual(
        (await scene.claim(2)).map(({ number }) => number),
        [0],
      );
    },
  },
  {
    name: 'claims due batches before later numbers',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(4);
      const claimed = await scene.claim(2);
      for (const batch of claimed) await scene.settle(batch, 'failed.waiting', { error: failure, retryInMs: 10 });
      world.clock.advance(10);
      assert.deepEqual(
        (await scene.claim(3)).map(({ number }) => number),
        [0, 1, 2],
      );
    },
  },
  ...(['paused', 'cancelReason'] as const).map(
    (request): StoreCase => ({
      name: request === 'paused' ? 'claims nothing of a paused session' : 'claims nothing of a session that is asked to cancel',
      async run(world) {
        const scene = await startScene(world);
        await scene.enqueue(2);
        await world.store.requestSession(scene.id, request === 'paused' ? { paused: true } : { cancelReason: 'enough' });
        assert.deepEqual(await scene.claim(1), []);
        assert.deepEqual(await scene.claim([0]), []);
        const { claimed } = await scene.commit({
          enqueue: { batches: [newBatch(2)], position: { chunks: 3, items: 3, ended: false } },
          claim: { tokens: ['x'] as Token[], numbers: [2] },
        });
        assert.deepEqual(claimed, []);
      },
    }),
  ),
  {
    name: 'claims again after a pause',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      await world.store.requestSession(scene.id, { paused: true });
      await world.store.requestSession(scene.id, { paused: false });
      assert.equal((await scene.claim(1)).length, 1);
    },
  },
  {
    name: 'settles what runs while its session is paused',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      const batch = first(await scene.claim(1));
      await world.store.requestSession(scene.id, { paused: true });
      assert.equal(await scene.settle(batch, 'completed'), true);
    },
  },
  {
    name: 'claims nothing of a session that does not run',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1, {}, true);
      await scene.move('running.streaming', 'failed');
      assert.deepEqual(await scene.claim(1), []);
    },
  },
  {
    name: 'claims nothing for an owner that is not registered, or whose lease ran out',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      assert.deepEqual(await scene.claim(1, 'nobody' as OwnerId), []);
      world.clock.advance(leaseMs);
      assert.deepEqual(await scene.claim(1), []);
      await world.store.registerOwner(otherHost, leaseMs);
      assert.equal((await scene.claim(1, otherHost)).length, 1);
    },
  },
  {
    name: 'gives each batch to one of two stores on the same data',
    needs: 'shared',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(50);
      const second = await world.second();
      await second.registerOwner(otherHost, leaseMs);
      const tokens = Array.from({ length: 50 }, (_, index) => `s${index}` as Token);
      const [mine, theirs] = await Promise.all([
        scene.claim(30),
        second.commit({ owner: otherHost, sessions: [{ sessionId: scene.id, epoch: 1, claim: { tokens } }] }),
      ]);
      const numbers = [...mine, ...first(theirs.sessions).claimed].map(({ number }) => number);
      assert.deepEqual([numbers.length, new Set(numbers).size], [50, 50]);
    },
  },
];
