import assert from 'node:assert/strict';
import type { Token } from '../../model/ids.ts';
import type { BatchState } from '../../model/moves.ts';
import type { SessionAnswer, TaskDedupe } from '../../model/store.ts';
import { failure, first, host, leaseMs, newBatch, otherHost, type Scene, sessionIdOf, startScene } from './scene.ts';
import type { StoreCase } from './store-case.ts';

const windowMs = 300_000;
const states: readonly BatchState[] = ['pending', 'running'];
const dedupe: TaskDedupe = { windowMs, states };

/** Adds a batch for each task behind those that are there. */
async function enqueueTasks(
  scene: Scene,
  tasks: readonly (string | null)[],
  rule: TaskDedupe | null = dedupe,
): Promise<SessionAnswer> {
  const { position } = await scene.session();
  const from = position.chunks;
  const batches = tasks.map((taskId, index) => newBatch(from + index, { taskId }));
  const reached = { chunks: from + tasks.length, items: position.items + tasks.length, ended: false };
  return scene.commit({ enqueue: { batches, position: reached, ...(rule && { dedupe: rule }) } });
}

const duplicateNumbers = ({ duplicates }: SessionAnswer): readonly number[] | undefined =>
  duplicates?.map(({ number }) => number);

/** What every store does with batches whose task was enqueued before. */
export const dedupeCases: readonly StoreCase[] = [
  {
    name: 'records a batch whose task is enqueued already, and never runs it',
    async run(world) {
      const original = await startScene(world, 1);
      const scene = await startScene(world, 2, { job: 'other-job' });
      await enqueueTasks(original, ['a', 'b']);
      const { enqueued, duplicates, counts, lowestOpen } = await enqueueTasks(scene, ['b', 'c']);
      assert.deepEqual([enqueued, lowestOpen], [true, 1]);
      assert.deepEqual(duplicates, [{ number: 0, taskId: 'b', of: { sessionId: original.id, number: 1 } }]);
      assert.deepEqual(counts.items, { total: 2, completed: 0, failed: 0, cancelled: 1, duplicate: 1 });
      assert.deepEqual([counts.batches.total, counts.batches.pending, counts.batches.cancelled], [2, 1, 1]);
      assert.deepEqual(await scene.claim([0]), []);
      const { state, error, attempt, endedAt } = await scene.batch(0);
      assert.deepEqual([state, error?.code, attempt, endedAt], ['cancelled', 'DUPLICATE_TASK', 0, world.clock.now()]);
      assert.deepEqual(error?.details, { sessionId: original.id, number: 1 });
      assert.deepEqual((await scene.session()).counts, counts);
      assert.equal('duplicate' in (await original.session()).counts.items, false);
    },
  },
  {
    name: 'passes over what is a duplicate when it claims what the same write enqueues',
    async run(world) {
      const original = await startScene(world, 1);
      await enqueueTasks(original, ['a']);
      for (const [number, named] of [true, false].entries()) {
        const scene = await startScene(world, 2 + number);
        const batches = [`x${number}`, 'a', `y${number}`].map((taskId, index) => newBatch(index, { taskId }));
        const tokens = ['t0', 't1', 't2'].map((token) => `${number}${token}` as Token);
        const { claimed, counts } = await scene.commit({
          enqueue: { batches, position: { chunks: 3, items: 3, ended: true }, dedupe },
          claim: { tokens, ...(named && { numbers: [0, 1, 2] }) },
        });
        assert.deepEqual(
          claimed.map((batch) => [batch.number, batch.token]),
          named
            ? [
                [0, tokens[0]],
                [2, tokens[2]],
              ]
            : [
                [0, tokens[0]],
                [2, tokens[1]],
              ],
        );
        assert.deepEqual([counts.batches.running, counts.batches.pending, counts.batches.cancelled], [2, 0, 1]);
      }
    },
  },
  {
    name: 'looks for the original until its window has passed, to the millisecond',
    async run(world) {
      const original = await startScene(world, 1);
      await enqueueTasks(original, ['a']);
      const scene = await startScene(world, 2);
      world.clock.advance(windowMs - 1);
      assert.deepEqual(duplicateNumbers(await enqueueTasks(scene, ['a'])), [0]);
      world.clock.advance(1);
      assert.equal(duplicateNumbers(await enqueueTasks(scene, ['a'])), undefined);
      assert.equal((await scene.batch(1)).state, 'pending');
      // A duplicate began no window of its own, but the batch that was let through did.
      world.clock.advance(windowMs - 1);
      const { duplicates } = await enqueueTasks(scene, ['a']);
      assert.deepEqual(first(duplicates ?? []).of, { sessionId: scene.id, number: 1 });
    },
  },
  {
    name: 'takes for an original only a batch that is in one of the states',
    async run(world) {
      const original = await startScene(world, 1);
      const all = ['pending', 'running', 'completed', 'failed.waiting', 'failed.dead', 'cancelled'] as const;
      await enqueueTasks(original, all);
      for (const [number, state] of all.entries()) {
        if (state === 'cancelled') await original.write({ number, from: 'pending', to: state, attempt: 0 });
        if (state === 'pending' || state === 'cancelled') continue;
        const batch = first(await original.claim([number]));
        if (state !== 'running') await original.settle(batch, state, { error: failure });
      }
      for (const [index, state] of all.entries()) {
        const scene = await startScene(world, 2 + index);
        const rule = { windowMs, states: [state] };
        const answer = await enqueueTasks(scene, all, rule);
        assert.deepEqual(duplicateNumbers(answer), [all.indexOf(state)], state);
        await scene.move('running.streaming', 'failed', { cancelOpen: true });
        await world.store.prune({ endedBefore: world.clock.now() + 1, limit: 9, id: scene.id });
      }
    },
  },
  {
    name: 'takes no duplicate for an original',
    async run(world) {
      const original = await startScene(world, 1);
      await enqueueTasks(original, ['a']);
      const scene = await startScene(world, 2);
      const rule = { windowMs, states: ['pending', 'cancelled'] } as const;
      const answers = [await enqueueTasks(scene, ['a'], rule), await enqueueTasks(scene, ['a'], rule)];
      for (const { duplicates } of answers) assert.deepEqual(first(duplicates ?? []).of, { sessionId: original.id, number: 0 });
      await original.settle(first(await original.claim(1)), 'completed');
      assert.equal(duplicateNumbers(await enqueueTasks(scene, ['a'], rule)), undefined);
    },
  },
  {
    name: 'finds the same task twice in one write: the first is run',
    async run(world) {
      const scene = await startScene(world);
      const { duplicates } = await enqueueTasks(scene, ['a', 'b', 'a', null, null, 'a']);
      assert.deepEqual(duplicates, [
        { number: 2, taskId: 'a', of: { sessionId: scene.id, number: 0 } },
        { number: 5, taskId: 'a', of: { sessionId: scene.id, number: 0 } },
      ]);
      const elsewhere = await enqueueTasks(scene, ['c', 'c'], { windowMs, states: ['completed'] });
      assert.equal(duplicateNumbers(elsewhere), undefined);
    },
  },
  {
    name: 'finds no duplicate where nothing is asked for, among default task ids, or in a window of nothing',
    async run(world) {
      const scene = await startScene(world);
      await enqueueTasks(scene, ['a', null]);
      assert.equal(duplicateNumbers(await enqueueTasks(scene, ['a', null], null)), undefined);
      assert.equal(duplicateNumbers(await enqueueTasks(scene, ['a', 'd', 'd'], { windowMs: 0, states })), undefined);
      assert.equal((await scene.session()).counts.batches.pending, 7);
    },
  },
  {
    name: 'runs exactly one of two batches of a task that two hosts enqueue at the same moment',
    async run(world) {
      await world.store.registerOwner(otherHost, leaseMs);
      const scenes = [await startScene(world, 1), await startScene(world, 2), await startScene(world, 3)];
      const answers = await Promise.all(scenes.map((scene) => enqueueTasks(scene, ['a', 'b'])));
      assert.deepEqual(answers.map(duplicateNumbers).filter((numbers) => numbers === undefined).length, 1);
      const batches = scenes.map(({ id }) => world.store.listBatches({ sessionId: id, states: ['pending'], limit: 9 }));
      assert.equal((await Promise.all(batches)).flat().length, 2);
    },
  },
  {
    name: 'answers an enqueue of duplicates that comes again as the first time, and counts them once',
    async run(world) {
      const original = await startScene(world, 1);
      await enqueueTasks(original, ['a']);
      const scene = await startScene(world, 2);
      const batches = [newBatch(0, { taskId: 'a' }), newBatch(1, { taskId: 'b' })];
      const enqueue = { batches, position: { chunks: 2, items: 2, ended: true }, dedupe };
      const answers = [await scene.commit({ enqueue }), await scene.commit({ enqueue })];
      assert.deepEqual(answers[1], answers[0]);
      assert.deepEqual(duplicateNumbers(first(answers)), [0]);
    },
  },
  {
    name: 'passes the barrier with duplicates, and leaves them out of a cancel',
    async run(world) {
      const original = await startScene(world, 1);
      await enqueueTasks(original, ['a']);
      const scene = await startScene(world, 2);
      await scene.commit({
        enqueue: { batches: [newBatch(0, { taskId: 'a' })], position: { chunks: 1, items: 1, ended: true }, dedupe },
      });
      await scene.move('running.streaming', 'running.draining');
      assert.equal(await scene.move('running.draining', 'finalizing', { requireNothingOpen: true }), true);
      await scene.move('finalizing', 'cancelled', { cancelOpen: true });
      assert.deepEqual((await scene.session()).counts.items, { total: 1, completed: 0, failed: 0, cancelled: 1, duplicate: 1 });
    },
  },
  {
    name: 'frees the tasks of a session that is pruned, and of no other',
    async run(world) {
      const pruned = await startScene(world, 1);
      const kept = await startScene(world, 2);
      await enqueueTasks(pruned, ['a']);
      await enqueueTasks(kept, ['b']);
      await pruned.move('running.streaming', 'failed', { error: failure });
      await world.store.prune({ endedBefore: world.clock.now() + 1, limit: 9 });
      const scene = await startScene(world, 3);
      assert.deepEqual(duplicateNumbers(await enqueueTasks(scene, ['a', 'b'])), [1]);
      assert.deepEqual(await world.store.listAttempts({ taskId: 'a', after: 0, limit: 9 }), []);
    },
  },
  {
    name: 'keeps odd task ids apart',
    async run(world) {
      const odd = ['a\u0000b', 'a', '\ud800', "'; drop table batches", 'A'];
      const original = await startScene(world, 1);
      assert.equal(duplicateNumbers(await enqueueTasks(original, odd)), undefined);
      const scene = await startScene(world, 2);
      assert.deepEqual(duplicateNumbers(await enqueueTasks(scene, odd)), [0, 1, 2, 3, 4]);
    },
  },
  {
    name: 'lists the attempts of a task over all sessions, in the order in which it was enqueued',
    async run(world) {
      const scenes = [await startScene(world, 1), await startScene(world, 2)];
      for (const scene of scenes) {
        await enqueueTasks(scene, ['other', 'a'], null);
        world.clock.advance(1);
      }
      // The second session's batch ends before the first one's.
      for (const scene of [...scenes].reverse()) {
        await scene.settle(first(await scene.claim([1])), 'failed.waiting', { error: failure, retryInMs: 0 });
        world.clock.advance(1);
        await scene.settle(first(await scene.claim([1])), 'completed');
      }
      const list = async (taskId: string, after = 0, limit = 9) => world.store.listAttempts({ taskId, after, limit });
      assert.deepEqual(
        (await list('a')).map(({ sessionId, number, execution, outcome }) => [sessionId, number, execution, outcome]),
        [1, 2].flatMap((session) => [
          [sessionIdOf(session), 1, 1, 'failed.waiting'],
          [sessionIdOf(session), 1, 2, 'completed'],
        ]),
      );
      const [whole] = await world.store.listAttempts({ sessionId: sessionIdOf(2), number: 1, after: 0, limit: 1 });
      assert.deepEqual(await list('a', 2, 1), [whole]);
      assert.deepEqual([await list('nobody'), (await list('other')).length], [[], 0]);
      assert.equal(first(await list('a')).owner, host);
    },
  },
];
