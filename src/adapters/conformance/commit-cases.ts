import assert from 'node:assert/strict';
import type { Token } from '../../model/ids.ts';
import { failure, first, host, newBatch, sessionIdOf, startScene } from './scene.ts';
import type { StoreCase } from './store-case.ts';

/** What every store does with enqueues, counts and answers. */
export const commitCases: readonly StoreCase[] = [
  {
    name: 'enqueues batches together with the position of the source',
    async run(world) {
      const scene = await startScene(world);
      const { enqueued, counts } = await scene.enqueue(3, { items: 5 }, true);
      assert.deepEqual([enqueued, counts.items.total, counts.batches.pending, counts.batches.total], [true, 15, 3, 3]);
      assert.deepEqual((await scene.session()).position, { chunks: 3, items: 15, ended: true });
    },
  },
  {
    name: 'refuses to enqueue under another epoch',
    async run(world) {
      const scene = await startScene(world);
      const enqueue = { batches: [newBatch(0)], position: { chunks: 1, items: 1, ended: true } };
      for (const epoch of [0, 2]) assert.equal((await scene.commit({ epoch, enqueue })).enqueued, false);
      const { position, counts } = await scene.session();
      assert.deepEqual([position.chunks, position.ended, counts.batches.total], [0, false, 0]);
    },
  },
  {
    name: 'refuses chunk numbers that are there already, or out of turn',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(2);
      for (const number of [0, 1, 3]) {
        const enqueue = { batches: [newBatch(number)], position: { chunks: 3, items: 3, ended: false } };
        assert.equal((await scene.commit({ enqueue })).enqueued, false, `number ${number}`);
      }
      const gap = { batches: [newBatch(2), newBatch(4)], position: { chunks: 4, items: 4, ended: false } };
      assert.equal((await scene.commit({ enqueue: gap })).enqueued, false);
      assert.equal((await scene.session()).counts.batches.total, 2);
    },
  },
  {
    name: 'refuses to enqueue once the barrier may have been passed',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(0, {}, true);
      await scene.move('running.streaming', 'running.draining');
      await scene.move('running.draining', 'finalizing', { requireNothingOpen: true });
      const enqueue = { batches: [newBatch(0)], position: { chunks: 1, items: 1, ended: true } };
      assert.equal((await scene.commit({ enqueue })).enqueued, false);
    },
  },
  {
    name: 'notes that the source ended without a further batch',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      assert.equal((await scene.enqueue(0, {}, true)).enqueued, true);
      assert.deepEqual((await scene.session()).position, { chunks: 1, items: 1, ended: true });
    },
  },
  {
    name: 'counts batches by their status and items by their fate',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(7, { items: 10 });
      const [a, b, c, d, e] = await scene.claim(5);
      const letter = { itemId: 'x', place: 3, items: 1, taskId: 't', error: failure, attempts: 1 };
      if (a) await scene.settle(a, 'completed', { itemsCompleted: 9, deadLetters: [letter] });
      if (b) await scene.settle(b, 'failed.waiting', { itemsCompleted: 4, remaining: [4, 5, 6, 7, 8, 9], error: failure });
      if (c) await scene.settle(c, 'crashed.deciding', { error: failure });
      if (d) await scene.settle(d, 'failed.dead', { deadLetters: [{ ...letter, items: 10, place: 0 }], error: failure });
      await scene.write({ number: 5, from: 'pending', to: 'cancelled', attempt: 0 });
      const { counts } = await scene.commit({});
      assert.deepEqual(counts.items, { total: 70, completed: 13, failed: 11, cancelled: 10 });
      assert.deepEqual(counts.batches, { total: 7, pending: 1, running: 1, completed: 1, failed: 2, crashed: 1, cancelled: 1 });
      assert.deepEqual((await scene.session()).counts, counts);
      assert.equal(e?.number, 4);
    },
  },
  {
    name: 'counts as cancelled only the items that were neither completed nor given up',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1, { items: 10 });
      const letter = { itemId: 'x', place: 9, items: 1, taskId: 't', error: failure, attempts: 1 };
      const extras = { itemsCompleted: 6, deadLetters: [letter], remaining: [6, 7, 8], error: failure };
      await scene.settle(first(await scene.claim(1)), 'failed.waiting', extras);
      await scene.move('running.streaming', 'cancelled', { cancelOpen: true });
      assert.deepEqual((await scene.session()).counts.items, { total: 10, completed: 6, failed: 1, cancelled: 3 });
    },
  },
  {
    name: 'takes the number of items from the worker that counted them first',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1, { items: 0, slice: '{"from":0,"to":100}' });
      const { counts } = await scene.commit({
        writes: [
          {
            number: 0,
            from: 'running',
            to: 'completed',
            attempt: 1,
            token: first(await scene.claim(1)).token as Token,
            items: 12,
            itemsCompleted: 12,
          },
        ],
      });
      assert.deepEqual([counts.items.total, counts.items.completed, (await scene.batch(0)).items], [12, 12, 12]);
    },
  },
  {
    name: 'sums up what the work counts, once for each write that is done',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(2);
      const [a, b] = await scene.claim(2);
      if (a) await scene.settle(a, 'completed', { counters: { words: 3, ['__proto__']: 1 } });
      if (a) await scene.settle(a, 'completed', { counters: { words: 3 } });
      if (b) await scene.settle(b, 'completed', { counters: { words: 4, lines: 1 } });
      const { counters } = await scene.session();
      assert.deepEqual(Object.entries(counters).sort(), [
        ['__proto__', 1],
        ['lines', 1],
        ['words', 7],
      ]);
    },
  },
  {
    name: 'answers the lowest number that has not ended',
    async run(world) {
      const scene = await startScene(world);
      assert.equal((await scene.commit({})).lowestOpen, 0);
      await scene.enqueue(4);
      const [a, b, c] = await scene.claim(3);
      if (b) await scene.settle(b, 'completed');
      assert.equal((await scene.commit({})).lowestOpen, 0);
      if (a) await scene.settle(a, 'failed.dead', { error: failure });
      assert.equal((await scene.commit({})).lowestOpen, 2);
      if (c) await scene.settle(c, 'failed.waiting', { error: failure });
      await scene.write({ number: 3, from: 'pending', to: 'cancelled', attempt: 0 });
      assert.equal((await scene.commit({})).lowestOpen, 2);
      await scene.write({ number: 2, from: 'failed.waiting', to: 'cancelled', attempt: 1 });
      assert.equal((await scene.commit({})).lowestOpen, 4);
    },
  },
  {
    name: 'answers when the next waiting batch is due',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(3);
      assert.equal((await scene.commit({})).nextDueAt, null);
      const [a, b, c] = await scene.claim(3);
      const now = world.clock.now();
      if (a) await scene.settle(a, 'failed.waiting', { error: failure, retryInMs: 300 });
      if (b) await scene.settle(b, 'crashed.waiting', { error: failure, retryInMs: 100 });
      if (c) await scene.settle(c, 'crashed.waiting', { error: failure, retryInMs: 200 });
      assert.equal((await scene.commit({})).nextDueAt, now + 100);
      await scene.write({ number: 1, from: 'crashed.waiting', to: 'cancelled', attempt: 1 });
      assert.equal((await scene.commit({})).nextDueAt, now + 200);
      world.clock.advance(250);
      assert.equal((await scene.claim(1)).length, 1);
      assert.equal((await scene.commit({})).nextDueAt, now + 300);
      world.clock.advance(50);
      await scene.claim(0);
      assert.equal((await scene.commit({})).nextDueAt, now + 300);
      await scene.claim([0]);
      assert.equal((await scene.commit({})).nextDueAt, null);
    },
  },
  {
    name: 'numbers events one by one: each write done, each batch claimed, each enqueue, each move',
    async run(world) {
      const scene = await startScene(world);
      const start = (await scene.session()).eventNumber;
      assert.equal((await scene.enqueue(3)).eventNumber, start + 1);
      await scene.claim(2);
      assert.equal((await scene.commit({})).eventNumber, start + 3);
      const batch = await scene.batch(0);
      const write = { number: 0, from: 'running', to: 'completed', attempt: 1, token: batch.token as Token } as const;
      assert.equal((await scene.commit({ writes: [write, write] })).eventNumber, start + 4);
      await world.store.requestSession(scene.id, { paused: true });
      assert.equal((await scene.session()).eventNumber, start + 5);
      await scene.move('running.streaming', 'cancelled', { cancelOpen: true });
      assert.equal((await scene.session()).eventNumber, start + 6);
    },
  },
  {
    name: 'serves several sessions in one commit, in the order of the request',
    async run(world) {
      const scenes = [await startScene(world, 1), await startScene(world, 2), await startScene(world, 3)];
      for (const scene of scenes) await scene.enqueue(2);
      const sessions = [3, 1, 9, 2].map((number) => ({
        sessionId: sessionIdOf(number),
        epoch: number === 2 ? 5 : 1,
        enqueue: { batches: [newBatch(2)], position: { chunks: 3, items: 3, ended: true } },
        claim: { tokens: [`x${number}` as Token] },
      }));
      const answer = await world.store.commit({ owner: host, sessions });
      assert.equal(answer.now, world.clock.now());
      assert.deepEqual(
        answer.sessions.map(({ enqueued, claimed }) => [enqueued, claimed.map(({ token }) => token)]),
        [
          [true, ['x3']],
          [true, ['x1']],
          [false, []],
          [false, ['x2']],
        ],
      );
    },
  },
  {
    name: 'answers nothing done for a session that is not there',
    async run(world) {
      await startScene(world);
      const write = { number: 0, from: 'pending', to: 'cancelled', attempt: 0 } as const;
      const commit = {
        owner: host,
        sessions: [{ sessionId: sessionIdOf(9), epoch: 1, writes: [write], claim: { tokens: ['a' as Token] } }],
      };
      const { written, enqueued, claimed, counts, lowestOpen, nextDueAt } = first((await world.store.commit(commit)).sessions);
      assert.deepEqual(
        [written, enqueued, claimed, counts.batches.total, lowestOpen, nextDueAt],
        [[false], false, [], 0, 0, null],
      );
    },
  },
  {
    name: 'keeps its records from what callers do with their lists',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1, { items: 2 });
      const remaining = [1];
      const places = [0];
      const batch = first(await scene.claim(1));
      await scene.settle(batch, 'failed.waiting', { remaining, error: failure, output: { places, data: '[5]' } });
      remaining.push(7);
      places.push(8);
      const output = first(await world.store.listOutputs({ sessionId: scene.id, from: 0, to: 0, limit: 1 }));
      assert.deepEqual([(await scene.batch(0)).remaining, output.places], [[1], [0]]);
    },
  },
];
