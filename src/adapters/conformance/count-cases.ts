import assert from 'node:assert/strict';
import type { Within } from '../../model/questions.ts';
import { failure, first, newBatch, type Scene, startScene } from './scene.ts';
import type { StoreCase, StoreWorld } from './store-case.ts';

/** A second session of the same host. */
async function another(world: StoreWorld, number = 2): Promise<Scene> {
  return startScene(world, number, { job: 'other' });
}

async function complete(scene: Scene, number: number, ms: number): Promise<void> {
  await scene.settle(first(await scene.claim([number])), 'completed', { ms, itemsCompleted: 1 });
}

/** What the store answers to questions for counts. */
export const countCases: readonly StoreCase[] = [
  {
    name: 'counts failures by normal message: letters and attempts, of a session and since a moment',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(3, { items: 3 });
      const because = (message: string) => ({ ...failure, message });
      const letter = (place: number, items = 1) => ({
        itemId: `i${place}`,
        place,
        items,
        taskId: 't',
        error: because(`row ${place} is bad`),
        attempts: 1,
      });
      const settle = async (number: number, message: string, letters: readonly ReturnType<typeof letter>[]) =>
        scene.settle(first(await scene.claim([number])), 'failed.dead', { error: because(message), deadLetters: letters });
      await settle(0, 'row 1 is bad', [letter(1), letter(2, 2)]);
      await settle(1, 'row 7 is bad', []);
      world.clock.advance(10);
      await settle(2, 'no "\u0000" luck', []);
      const kept = { message: 'row <n> is bad', category: 'error', items: 3, letters: 2, attempts: 2, examples: ['i1', 'i2'] };
      const other = { message: 'no "\u0000" luck', category: 'error', items: 0, letters: 0, attempts: 1, examples: [] };
      const ask = (within: Within, limit = 9) => world.store.query('failures', { ...within, limit });
      assert.deepEqual(await ask({ sessionId: scene.id }), [kept, other]);
      assert.deepEqual(await ask({ since: 0 }, 1), [kept]);
      assert.deepEqual(await ask({ since: world.clock.now() }), [other]);
      assert.deepEqual(await world.store.query('categories', { sessionId: scene.id }), [
        { category: 'error', items: 3, letters: 2, attempts: 3 },
      ]);
      assert.deepEqual(await world.store.query('categories', { since: world.clock.now() }), [
        { category: 'error', items: 0, letters: 0, attempts: 1 },
      ]);
    },
  },
  {
    name: 'counts thousands of failures, each once, though all of them happened in the same moment',
    async run(world) {
      const scene = await startScene(world);
      const count = 2_100;
      await scene.enqueue(count);
      const writes = (await scene.claim(count)).map(({ number, attempt, token }) => {
        const error = { ...failure, message: `row ${number} is bad` };
        const letter = { itemId: `${number}`, place: 0, items: 1, taskId: 't', error, attempts: 1 };
        const to = number % 2 === 0 ? ('failed.dead' as const) : ('crashed.dead' as const);
        return { number, from: 'running' as const, to, attempt, ...(token && { token }), error, deadLetters: [letter] };
      });
      await scene.commit({ writes });
      for (const within of [{ sessionId: scene.id }, { since: world.clock.now() }] as const) {
        const [group, ...more] = await world.store.query('failures', { ...within, limit: 9 });
        assert.deepEqual([group?.items, group?.letters, group?.attempts, more], [count, count, count, []]);
      }
    },
  },
  {
    name: 'tells how long completed batches took since a moment, by job',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(3);
      await complete(scene, 0, 1_000);
      world.clock.advance(1);
      const since = world.clock.now();
      await complete(scene, 1, 10);
      await complete(scene, 2, 20);
      const other = await another(world);
      await other.enqueue(1);
      await complete(other, 0, 4);
      assert.deepEqual(await world.store.query('times', { since }), [
        { job: 'other', batches: 1, averageMs: 4, longestMs: 4 },
        { job: 'sum', batches: 2, averageMs: 15, longestMs: 20 },
      ]);
    },
  },
  {
    name: 'tells how tasks came again, and which of them were not run',
    async run(world) {
      const scene = await startScene(world);
      const enqueueAll = async (taskIds: readonly (string | null)[], to: Scene) => {
        const batches = taskIds.map((taskId, number) => newBatch(number, { taskId }));
        const position = { chunks: batches.length, items: batches.length, ended: true };
        await to.commit({ enqueue: { batches, position, dedupe: { windowMs: 1_000, states: ['pending'] } } });
      };
      await enqueueAll(['a', 'b', 'a', null, 'c'], scene);
      world.clock.advance(2_000);
      const since = world.clock.now();
      await enqueueAll(['a', 'b', 'd', 'd'], await another(world));
      assert.deepEqual(await world.store.query('repeated', { since: 0, limit: 2 }), {
        executions: 8,
        tasks: 4,
        repeated: 3,
        skipped: 2,
        most: [
          { taskId: 'a', executions: 3, skipped: 1 },
          { taskId: 'b', executions: 2, skipped: 0 },
        ],
      });
      assert.deepEqual(await world.store.query('repeated', { since, limit: 9 }), {
        executions: 4,
        tasks: 3,
        repeated: 1,
        skipped: 1,
        most: [{ taskId: 'd', executions: 2, skipped: 1 }],
      });
      const nothing = { executions: 0, tasks: 0, repeated: 0, skipped: 0, most: [] };
      assert.deepEqual(await world.store.query('repeated', { since: world.clock.now() + 1, limit: 9 }), nothing);
    },
  },
  {
    name: 'counts attempts that ended since a moment by how, and what runs now',
    async run(world) {
      const scene = await startScene(world);
      const nothing = { completed: 0, failed: 0, crashed: 0, running: 0 };
      assert.deepEqual(await world.store.query('attempts', { since: 0 }), nothing);
      for (const state of ['completed', 'failed.waiting', 'crashed.waiting', 'running', 'pending', 'cancelled'] as const) {
        await scene.bring(state);
      }
      await scene.settle(first(await scene.claim([4])), 'pending', { attempt: 0 });
      assert.deepEqual(await world.store.query('attempts', { since: world.clock.now() }), {
        completed: 1,
        failed: 1,
        crashed: 1,
        running: 1,
      });
      const later = { since: world.clock.now() + 1 };
      assert.deepEqual(await world.store.query('attempts', later), { ...nothing, running: 1 });
      await scene.write({ number: 0, from: 'completed', to: 'pending', attempt: 0 });
      assert.equal((await world.store.query('attempts', { since: 0 })).completed, 1);
    },
  },
  {
    name: "counts a session's rows by state",
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(3, { items: 5 });
      await scene.settle(first(await scene.claim([0])), 'completed', { itemsCompleted: 5 });
      const letter = { itemId: 'x', place: 1, items: 1, taskId: 't', error: failure, attempts: 1 };
      await scene.settle(first(await scene.claim([1])), 'completed', { itemsCompleted: 4, deadLetters: [letter] });
      assert.deepEqual(await world.store.query('rows', { sessionId: scene.id }), [
        { state: 'completed', batches: 2, items: 10, completed: 9, failed: 1 },
        { state: 'pending', batches: 1, items: 5, completed: 0, failed: 0 },
      ]);
      assert.deepEqual(await world.store.query('rows', { sessionId: (await another(world)).id }), []);
    },
  },
  {
    name: 'sums up sessions by job',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(2, { items: 3 });
      await scene.settle(first(await scene.claim([0])), 'completed', { itemsCompleted: 3 });
      world.clock.advance(1);
      const newer = await startScene(world, 3, { version: '2' });
      await newer.enqueue(1);
      await newer.move('running.streaming', 'cancelled', { cancelOpen: true });
      await another(world);
      const [other, sum, ...more] = await world.store.query('jobs', {});
      assert.deepEqual([other?.job, other?.sessions, more], ['other', { 'running.streaming': 1 }, []]);
      assert.deepEqual(sum, {
        job: 'sum',
        version: '2',
        newestAt: world.clock.now(),
        sessions: { 'running.streaming': 1, cancelled: 1 },
        items: { total: 7, completed: 3, failed: 0, cancelled: 1, duplicate: 0 },
        batches: { pending: 1, running: 0, completed: 1, failed: 0, crashed: 0, cancelled: 1 },
      });
    },
  },
  {
    name: 'says nothing of sessions that were pruned',
    async run(world) {
      const scene = await startScene(world);
      for (const state of ['completed', 'failed.dead', 'crashed.dead'] as const) await scene.bring(state);
      await scene.move('running.streaming', 'failed', { error: failure, cancelOpen: true });
      world.clock.advance(1);
      assert.equal(await world.store.prune({ endedBefore: world.clock.now(), limit: 9 }), 1);
      const { store } = world;
      const all = { since: 0, limit: 9 };
      assert.deepEqual(await store.query('crashed', all), []);
      assert.deepEqual(await store.query('slowest', all), []);
      assert.deepEqual(await store.query('failures', { sessionId: scene.id, limit: 9 }), []);
      assert.deepEqual(await store.query('categories', all), []);
      assert.deepEqual(await store.query('newest', all), []);
      assert.deepEqual(await store.query('jobs', {}), []);
      assert.deepEqual(await store.query('attempts', all), { completed: 0, failed: 0, crashed: 0, running: 0 });
    },
  },
];
