import assert from 'node:assert/strict';
import type { Token } from '../../model/ids.ts';
import type { BatchState } from '../../model/moves.ts';
import type { SessionAnswer, SessionCommit } from '../../model/store.ts';
import { failure, first, host, leaseMs, newBatch, otherHost, type Scene, startScene } from './scene.ts';
import type { StoreCase } from './store-case.ts';

/** What every store does when the answer to a write was lost, and the write comes again. */
export const repeatCases: readonly StoreCase[] = [
  {
    name: 'answers a claim that comes again with what it claimed, and counts no further attempt',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(3);
      const claim = { tokens: ['a', 'b'] as Token[], numbers: [2, 0] };
      await expectSame(scene, { claim });
      const [batch] = await world.store.listBatches({ sessionId: scene.id, numbers: [2], limit: 1 });
      assert.deepEqual([batch?.state, batch?.attempt, batch?.token], ['running', 1, 'a']);
    },
  },
  {
    name: 'answers a claim that comes again beside claims that are new, in the order of the request',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(3);
      await scene.commit({ claim: { tokens: ['b'] as Token[], numbers: [1] } });
      const { claimed } = await scene.commit({ claim: { tokens: ['a', 'b', 'c'] as Token[], numbers: [2, 1, 0] } });
      assert.deepEqual(
        claimed.map(({ number, token, attempt }) => [number, token, attempt]),
        [
          [2, 'a', 1],
          [1, 'b', 1],
          [0, 'c', 1],
        ],
      );
    },
  },
  {
    name: 'answers a claim that comes again although the session is paused by now',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(2);
      await scene.commit({ claim: { tokens: ['a'] as Token[], numbers: [0] } });
      await world.store.requestSession(scene.id, { paused: true });
      const { claimed } = await scene.commit({ claim: { tokens: ['a', 'b'] as Token[], numbers: [0, 1] } });
      assert.deepEqual(
        claimed.map(({ number }) => number),
        [0],
      );
    },
  },
  {
    name: 'gives a claim to its claimer only: neither another token nor another owner gets what runs',
    async run(world) {
      const scene = await startScene(world);
      await world.store.registerOwner(otherHost, leaseMs);
      await scene.enqueue(1);
      const claim = { tokens: ['a'] as Token[], numbers: [0] };
      await scene.commit({ claim });
      assert.deepEqual((await scene.commit({ claim: { ...claim, tokens: ['b'] as Token[] } })).claimed, []);
      assert.deepEqual((await scene.commit({ claim }, otherHost)).claimed, []);
    },
  },
  {
    name: 'answers an enqueue that comes again, with its claims, as done, and adds nothing',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      const enqueue = {
        batches: [newBatch(1, { slice: '7' }), newBatch(2)],
        position: { chunks: 3, items: 3, ended: false },
      };
      await expectSame(scene, { enqueue, claim: { tokens: ['a', 'b'] as Token[], numbers: [1, 2] } });
      assert.equal((await scene.session()).counts.items.total, 3);
    },
  },
  {
    name: 'notes the end of the source once',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      await expectSame(scene, { enqueue: { batches: [], position: { chunks: 1, items: 1, ended: true } } });
    },
  },
  {
    name: 'answers an enqueue that comes again as refused when another host coordinates the session by now',
    async run(world) {
      const scene = await startScene(world);
      const enqueue = { batches: [newBatch(0)], position: { chunks: 1, items: 1, ended: false } };
      await scene.commit({ enqueue });
      world.clock.advance(leaseMs);
      await world.store.registerOwner(otherHost, leaseMs);
      await world.store.adoptSession(scene.id, otherHost);
      assert.equal((await scene.commit({ enqueue })).enqueued, false);
    },
  },
  ...(['completed', 'failed.waiting', 'failed.dead', 'crashed.waiting', 'pending'] as const).map(
    (to): StoreCase => ({
      name: `answers a settle to ${to} that comes again as done, and does nothing again`,
      async run(world) {
        const scene = await startScene(world);
        await scene.enqueue(2, { items: 3 });
        await expectSame(scene, { writes: [await settleTo(scene, to)] });
        const { counts, counters } = await scene.session();
        assert.deepEqual([counts.items.completed, counts.items.failed, counters], [1, 1, { words: 2 }]);
        const page = { sessionId: scene.id, after: 0, limit: 9 };
        assert.equal((await world.store.listAttempts(page)).length, 1);
        assert.equal((await world.store.listDeadLetters(page)).length, 1);
        assert.equal((await world.store.listOutputs({ sessionId: scene.id, from: 0, to: 9, limit: 9 })).length, 1);
      },
    }),
  ),
  {
    name: 'tells a late settle from one that comes again: what was rescued meanwhile was not settled',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      const batch = first(await scene.claim(1));
      world.clock.advance(leaseMs);
      assert.equal(await world.store.rescue(9), 1);
      for (const to of ['completed', 'failed.waiting', 'crashed.deciding'] as const)
        assert.equal(await scene.settle(batch, to, { error: failure }), false, to);
    },
  },
  {
    name: 'adopts a session once: its coordinator, asking again, gets it under the same epoch',
    async run(world) {
      const { store, clock } = world;
      const scene = await startScene(world);
      clock.advance(leaseMs);
      await store.registerOwner(otherHost, leaseMs);
      const adopted = await store.adoptSession(scene.id, otherHost);
      assert.deepEqual([adopted?.epoch, adopted?.coordinator], [2, otherHost]);
      assert.deepEqual(await store.adoptSession(scene.id, otherHost), adopted);
      await store.registerOwner(host, leaseMs);
      assert.equal(await store.adoptSession(scene.id, host), undefined);
    },
  },
];

async function settleTo(scene: Scene, to: BatchState): Promise<NonNullable<SessionCommit['writes']>[number]> {
  const { number, token, attempt } = first(await scene.claim(1));
  return {
    number,
    from: 'running',
    to,
    token: token as Token,
    attempt,
    itemsCompleted: 1,
    counters: { words: 2 },
    output: { places: [0], data: '[1]' },
    deadLetters: [{ itemId: 'x', place: 1, items: 1, taskId: 't', error: failure, attempts: 1 }],
    error: to === 'completed' ? null : failure,
  };
}

/** Commits twice, and expects the same answer. */
async function expectSame(scene: Scene, part: Partial<SessionCommit>): Promise<SessionAnswer> {
  const answer = await scene.commit(part);
  assert.deepEqual(await scene.commit(part), answer);
  return answer;
}
