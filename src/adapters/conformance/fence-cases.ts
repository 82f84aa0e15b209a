import assert from 'node:assert/strict';
import type { Token } from '../../model/ids.ts';
import { failure, first, otherHost, startScene } from './scene.ts';
import type { StoreCase } from './store-case.ts';

/** What every store lets a claimer write, and what not. */
export const fenceCases: readonly StoreCase[] = [
  {
    name: 'refuses to settle a claim by another token',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      const batch = first(await scene.claim(1));
      assert.equal(await scene.settle(batch, 'completed', { token: 'forged' as Token }), false);
      assert.equal(await scene.write({ number: 0, from: 'running', to: 'completed', attempt: 1 }), false);
      assert.equal((await scene.batch(0)).state, 'running');
    },
  },
  {
    name: 'refuses what a late claimer writes after the batch went to another',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      const late = first(await scene.claim(1));
      await scene.settle(late, 'pending', { attempt: 0 });
      const next = first(await scene.claim(1));
      const letters = [{ itemId: 'x', place: 0, items: 1, taskId: 't', error: failure, attempts: 1 }];
      const loot = {
        output: { places: null, data: '[1]' },
        counters: { words: 5 },
        itemsCompleted: 1,
        items: 9,
        deadLetters: letters,
      };
      assert.equal(await scene.settle(late, 'completed', loot), false);
      const { counts, counters } = await scene.session();
      assert.deepEqual([counts.items, counters], [{ total: 1, completed: 0, failed: 0, cancelled: 0 }, {}]);
      assert.deepEqual(await world.store.listOutputs({ sessionId: scene.id, from: 0, to: 9, limit: 9 }), []);
      assert.deepEqual(await world.store.listDeadLetters({ sessionId: scene.id, after: 0, limit: 9 }), []);
      assert.equal(await scene.settle(next, 'completed'), true);
    },
  },
  {
    name: 'settles a claim once: the same write again is answered as done, and counts nothing',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      const batch = first(await scene.claim(1));
      const output = { places: null, data: '[1]' };
      assert.equal(await scene.settle(batch, 'completed', { itemsCompleted: 1, output }), true);
      const { eventNumber } = await scene.session();
      assert.equal(await scene.settle(batch, 'completed', { itemsCompleted: 1, output }), true);
      assert.equal(await scene.settle(batch, 'failed.dead', { error: failure }), false);
      const session = await scene.session();
      assert.deepEqual([session.counts.items.completed, session.eventNumber], [1, eventNumber]);
      assert.equal((await world.store.listOutputs({ sessionId: scene.id, from: 0, to: 9, limit: 9 })).length, 1);
    },
  },
  {
    name: 'settles by token whatever the epoch: other hosts may settle',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      const { number, token } = first(await scene.claim(1));
      const write = { number, from: 'running', to: 'completed', attempt: 1, token: token as Token } as const;
      assert.deepEqual((await scene.commit({ epoch: 0, writes: [write] }, otherHost)).written, [true]);
    },
  },
  {
    name: 'decides on a resting batch only under the current epoch',
    async run(world) {
      const scene = await startScene(world);
      await scene.bring('crashed.deciding');
      const write = { number: 0, from: 'crashed.deciding', to: 'crashed.waiting', attempt: 1 } as const;
      assert.deepEqual((await scene.commit({ epoch: 0, writes: [write] })).written, [false]);
      assert.deepEqual((await scene.commit({ epoch: 1, writes: [write] })).written, [true]);
    },
  },
  {
    name: 'carries out the good rows of a group whose other rows are refused',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(4);
      const claimed = await scene.claim(3);
      const writes = claimed.map(({ number, token, attempt }) => ({
        number,
        from: 'running' as const,
        to: 'completed' as const,
        attempt,
        token: (number === 1 ? 'wrong' : token) as Token,
      }));
      const { written } = await scene.commit({
        writes: [...writes, { number: 77, from: 'pending', to: 'cancelled', attempt: 0 }],
      });
      assert.deepEqual(written, [true, false, true, false]);
    },
  },
  {
    name: 'settles before it claims, in one write',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(2);
      const { number, token } = first(await scene.claim(1));
      const { written, claimed } = await scene.commit({
        writes: [{ number, from: 'running', to: 'pending', attempt: 0, token: token as Token }],
        claim: { tokens: ['x', 'y'] as Token[] },
      });
      assert.deepEqual(
        [written, claimed.map((batch) => [batch.number, batch.token])],
        [
          [true],
          [
            [0, 'x'],
            [1, 'y'],
          ],
        ],
      );
    },
  },
];
