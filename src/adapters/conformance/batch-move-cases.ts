import assert from 'node:assert/strict';
import { type BatchState, batchMoves, endedBatchStates, isBatchMove } from '../../model/moves.ts';
import { failure, first, type Scene, startScene } from './scene.ts';
import type { StoreCase } from './store-case.ts';

const states: readonly BatchState[] = [...new Set(batchMoves.flatMap(({ from, to }) => [from, to]))];

/** From and to, each pair once: two events may lead the same way. */
const pairs = [...new Map(batchMoves.map(({ from, to }) => [`${from}>${to}`, { from, to }])).values()];

const legalCases: readonly StoreCase[] = pairs.map(({ from, to }) => ({
  name: `moves a batch from ${from} to ${to}`,
  async run(world) {
    const scene = await startScene(world);
    const batch = await scene.bring(from);
    assert.equal(batch.state, from);
    assert.equal(await tryMove(scene, from, to), true);
    const moved = await scene.batch(0);
    assert.equal(moved.state, to);
    assert.equal(moved.token !== null, to === 'running', 'a batch shows a token while it runs, and only then');
    assert.equal(moved.endedAt !== null, endedBatchStates.includes(to), 'endedAt tells when a batch has ended');
  },
}));

async function tryMove(scene: Scene, from: BatchState, to: BatchState): Promise<boolean> {
  if (to === 'running') return (await scene.claim([0])).length === 1;
  const batch = await scene.batch(0);
  return scene.write({
    number: 0,
    from,
    to,
    attempt: batch.attempt,
    ...(batch.token ? { token: batch.token } : {}),
    error: failure,
  });
}

const illegalCases: readonly StoreCase[] = states.map((from) => ({
  name: `refuses every write that leads a batch from ${from} where no move does`,
  async run(world) {
    const scene = await startScene(world);
    const before = await scene.bring(from);
    const token = before.token ? { token: before.token } : {};
    for (const to of states.filter((state) => state === 'running' || !isBatchMove(from, state))) {
      assert.equal(await scene.write({ number: 0, from, to, attempt: 7, ...token }), false, `${from} to ${to}`);
    }
    assert.deepEqual(await scene.batch(0), before);
  },
}));

const wrongFromCases: readonly StoreCase[] = states.map((actual) => ({
  name: `refuses writes that take a batch in ${actual} for one in another state`,
  async run(world) {
    const scene = await startScene(world);
    const before = await scene.bring(actual);
    const token = before.token ? { token: before.token } : {};
    for (const { from, to } of pairs.filter((pair) => pair.from !== actual && pair.to !== 'running')) {
      assert.equal(await scene.write({ number: 0, from, to, attempt: 7, ...token }), false, `as if in ${from}, to ${to}`);
    }
    assert.deepEqual(await scene.batch(0), before);
  },
}));

const claimCases: readonly StoreCase[] = states
  .filter((state) => !isBatchMove(state, 'running'))
  .map((state) => ({
    name: `does not claim a batch in ${state}`,
    async run(world) {
      const scene = await startScene(world);
      const before = await scene.bring(state);
      assert.deepEqual(await scene.claim([0]), []);
      assert.deepEqual(await scene.claim(5), []);
      assert.deepEqual(await scene.batch(0), before);
    },
  }));

const effectCases: readonly StoreCase[] = [
  {
    name: 'counts an attempt with each claim and takes it from the write that releases it',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      const batch = first(await scene.claim(1));
      assert.equal(batch.attempt, 1);
      assert.equal(await scene.settle(batch, 'pending', { attempt: 0, suspect: true }), true);
      const released = await scene.batch(0);
      assert.deepEqual([released.attempt, released.suspect, released.owner, released.token], [0, true, null, null]);
      assert.equal(first(await scene.claim(1)).attempt, 1);
    },
  },
  {
    name: 'keeps remaining places, completed items and the error of a batch that waits',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1, { items: 4 });
      const batch = first(await scene.claim(1));
      await scene.settle(batch, 'failed.waiting', { remaining: [1, 3], itemsCompleted: 2, error: failure, retryInMs: 500 });
      const waiting = await scene.batch(0);
      assert.deepEqual([waiting.remaining, waiting.completed, waiting.error], [[1, 3], 2, failure]);
      assert.equal(waiting.retryAt, world.clock.now() + 500);
      world.clock.advance(500);
      const again = first(await scene.claim(1));
      assert.deepEqual([again.remaining, again.completed, again.attempt, again.retryAt], [[1, 3], 2, 2, null]);
      await scene.settle(again, 'completed', { itemsCompleted: 2, remaining: null });
      const done = await scene.batch(0);
      assert.deepEqual([done.remaining, done.completed, done.state], [null, 4, 'completed']);
    },
  },
  {
    name: 'keeps the first hash of what a worker read, and never one over that of a cut',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1, { items: 0, slice: '[0,9]' });
      await scene.enqueue(1, { number: 1, first: 1, hash: 'cut' });
      const [slice, cut] = await scene.claim(2);
      assert.ok(slice && cut);
      await scene.settle(slice, 'failed.waiting', { items: 3, hash: 'first', error: failure, retryInMs: 0 });
      await scene.settle(cut, 'completed', { hash: 'other' });
      assert.deepEqual([(await scene.batch(0)).hash, (await scene.batch(1)).hash], ['first', 'cut']);
      await scene.settle(first(await scene.claim(1)), 'completed', { items: 3, hash: 'second' });
      assert.equal((await scene.batch(0)).hash, 'first');
    },
  },
  {
    name: 'opens a dead batch again on replay and takes its dead letters back',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1, { items: 2 });
      const letter = { itemId: 'a', place: 0, items: 2, taskId: 'sum:key-1#0', error: failure, attempts: 1 };
      await scene.settle(first(await scene.claim(1)), 'failed.dead', { deadLetters: [letter], error: failure });
      assert.equal((await scene.session()).counts.items.failed, 2);
      const { written, counts, lowestOpen } = await scene.commit({
        writes: [{ number: 0, from: 'failed.dead', to: 'pending', attempt: 0, takeBack: [0] }],
      });
      assert.deepEqual([written, counts.items.failed, counts.batches.pending, lowestOpen], [[true], 0, 1, 0]);
      assert.deepEqual(await world.store.listDeadLetters({ sessionId: scene.id, after: 0, limit: 10 }), []);
      assert.equal(first(await scene.claim(1)).number, 0);
    },
  },
];

/** What every store does with the moves of batches. */
export const batchMoveCases: readonly StoreCase[] = [
  ...legalCases,
  ...illegalCases,
  ...wrongFromCases,
  ...claimCases,
  ...effectCases,
];
