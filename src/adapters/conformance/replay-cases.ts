import assert from 'node:assert/strict';
import type { BatchWrite } from '../../model/store.ts';
import { failure, first, host, leaseMs, newSession, otherHost, type Scene, sessionIdOf, startScene } from './scene.ts';
import type { StoreCase, StoreWorld } from './store-case.ts';

const letter = { itemId: 'x', place: 1, items: 1, taskId: 't', error: failure, attempts: 1 };

/** A session that completed: batch 0 in full, batch 1 without the item at place 1. Its first host is gone. */
async function completed(world: StoreWorld): Promise<Scene> {
  const scene = await startScene(world);
  await scene.enqueue(2, { items: 2 });
  const output = { places: null, data: '[1,2]' };
  const [a, b] = await scene.claim(2);
  if (a) await scene.settle(a, 'completed', { itemsCompleted: 2, output, ms: 3 });
  if (b) await scene.settle(b, 'failed.dead', { itemsCompleted: 1, deadLetters: [letter], error: failure });
  await scene.enqueue(0, {}, true);
  await scene.move('running.streaming', 'running.draining');
  await scene.move('running.draining', 'finalizing', { requireNothingOpen: true });
  await world.store.countFinalizeTry(scene.id, 1);
  await scene.move('finalizing', 'completed', { result: '"first"' });
  await world.store.removeOwner(host);
  await world.store.registerOwner(otherHost, leaseMs);
  return scene;
}

const openDead: BatchWrite = { number: 1, from: 'failed.dead', to: 'pending', attempt: 0, takeBack: [1] };
const openDone: BatchWrite = { number: 0, from: 'completed', to: 'pending', attempt: 0, itemsCompleted: -2, dropOutputs: true };

async function finish(scene: Scene, to: 'completed' | 'failed', result: string | null): Promise<void> {
  const epoch = 2;
  await scene.move('running.draining', 'finalizing', { epoch });
  await scene.move('finalizing', to, { epoch, result, ...(to === 'failed' ? { error: failure } : {}) });
}

/** What every store does with replays. */
export const replayCases: readonly StoreCase[] = [
  {
    name: 'opens a completed session again under a new coordinator, epoch and generation, and keeps its result',
    async run(world) {
      const scene = await completed(world);
      const before = await scene.session();
      world.clock.advance(50);
      const replayed = await world.store.replaySession({ id: scene.id, owner: otherHost, batches: [openDead] });
      assert.deepEqual(replayed, {
        ...before,
        state: 'running.draining',
        coordinator: otherHost,
        epoch: 2,
        generation: 2,
        finalizeTries: 0,
        endedAt: null,
        eventNumber: before.eventNumber + 1,
        counts: {
          items: { ...before.counts.items, failed: 0 },
          batches: { ...before.counts.batches, failed: 0, pending: 1 },
        },
      });
      assert.deepEqual(await scene.session(), replayed);
    },
  },
  {
    name: 'opens a failed session again: without its error, pause, request to cancel and takeovers',
    async run(world) {
      const scene = await startScene(world);
      world.clock.advance(leaseMs);
      await world.store.registerOwner(otherHost, leaseMs);
      await world.store.adoptSession(scene.id, otherHost);
      await world.store.requestSession(scene.id, { paused: true, cancelReason: 'enough' });
      await scene.move('running.streaming', 'failed', { epoch: 2, error: failure });
      const replayed = await world.store.replaySession({ id: scene.id, owner: otherHost, batches: [] });
      const { error, paused, cancelReason, takeovers, state, epoch } = replayed ?? {};
      assert.deepEqual([error, paused, cancelReason, takeovers, state, epoch], [null, false, null, 0, 'running.draining', 3]);
    },
  },
  {
    name: 'fences the coordinator of before off',
    async run(world) {
      const scene = await completed(world);
      await world.store.replaySession({ id: scene.id, owner: otherHost, batches: [openDead] });
      const write: BatchWrite = { number: 1, from: 'pending', to: 'cancelled', attempt: 0 };
      assert.deepEqual((await scene.commit({ writes: [write] })).written, [false]);
      assert.equal(await scene.move('running.draining', 'failed'), false);
      assert.equal(await world.store.countFinalizeTry(scene.id, 1), undefined);
      assert.deepEqual((await scene.commit({ epoch: 2, writes: [write] })).written, [true]);
    },
  },
  {
    name: 'runs what a replay opened, and holds the barrier until it ends',
    async run(world) {
      const scene = await completed(world);
      await world.store.replaySession({ id: scene.id, owner: otherHost, batches: [openDone, openDead] });
      assert.equal((await scene.commit({}, otherHost)).lowestOpen, 0);
      assert.equal(await scene.move('running.draining', 'finalizing', { epoch: 2, requireNothingOpen: true }), false);
      const claimed = await scene.claim(9, otherHost);
      assert.deepEqual(
        claimed.map(({ number, attempt, completed }) => [number, attempt, completed]),
        [
          [0, 1, 0],
          [1, 1, 1],
        ],
      );
      for (const batch of claimed) await scene.settle(batch, 'completed', { itemsCompleted: 2 - batch.completed });
      assert.deepEqual((await scene.session()).counts.items, { total: 4, completed: 4, failed: 0, cancelled: 0 });
      assert.equal(await scene.move('running.draining', 'finalizing', { epoch: 2, requireNothingOpen: true }), true);
    },
  },
  {
    name: 'keeps the attempt that completed a batch when the batch is opened again, and answers its settle as done',
    async run(world) {
      const scene = await completed(world);
      const list = async () => world.store.listAttempts({ sessionId: scene.id, number: 0, after: 0, limit: 9 });
      const before = await list();
      assert.equal(before.length, 1);
      world.clock.advance(10);
      await world.store.replaySession({ id: scene.id, owner: otherHost, batches: [openDone] });
      assert.deepEqual(await list(), before);
      const { token, outcome } = first(before);
      assert.equal(await scene.write({ number: 0, from: 'running', to: outcome, attempt: 1, token }), true);
      assert.deepEqual([(await scene.batch(0)).state, (await scene.batch(0)).endedAt], ['pending', null]);
      await scene.settle(first(await scene.claim([0], otherHost)), 'completed', { itemsCompleted: 2 });
      const after = await list();
      assert.deepEqual([after.length, after[0], after[1]?.execution], [2, before[0], 2]);
    },
  },
  {
    name: 'changes nothing when one of the writes of a replay does not hold',
    async run(world) {
      const scene = await completed(world);
      const before = await scene.session();
      const batches = await world.store.listBatches({ sessionId: scene.id, limit: 9 });
      const wrong: readonly BatchWrite[] = [
        { number: 0, from: 'pending', to: 'cancelled', attempt: 0 },
        { number: 0, from: 'completed', to: 'failed.waiting', attempt: 0 },
        { number: 9, from: 'completed', to: 'pending', attempt: 0 },
        openDead,
      ];
      for (const write of wrong) {
        const replay = { id: scene.id, owner: otherHost, batches: [openDead, write] };
        assert.equal(await world.store.replaySession(replay), undefined);
      }
      assert.deepEqual(await scene.session(), before);
      assert.deepEqual(await world.store.listBatches({ sessionId: scene.id, limit: 9 }), batches);
      assert.equal((await world.store.listDeadLetters({ sessionId: scene.id, after: 0, limit: 9 })).length, 1);
    },
  },
  {
    name: 'answers a replay that comes again from its owner as done, and does it once',
    async run(world) {
      const scene = await completed(world);
      const replay = { id: scene.id, owner: otherHost, batches: [openDead] };
      const done = await world.store.replaySession(replay);
      assert.deepEqual(await world.store.replaySession(replay), done);
      await world.store.registerOwner(host, leaseMs);
      assert.equal(await world.store.replaySession({ ...replay, owner: host }), undefined);
    },
  },
  {
    name: 'lets one of two replays at the same moment win',
    async run(world) {
      const scene = await completed(world);
      await world.store.registerOwner(host, leaseMs);
      const replays = [host, otherHost].map((owner) => world.store.replaySession({ id: scene.id, owner, batches: [openDead] }));
      const won = (await Promise.all(replays)).filter((session) => session !== undefined);
      assert.deepEqual([won.length, (await scene.session()).generation], [1, 2]);
    },
  },
  {
    name: 'opens no session that has not completed or failed, or is not there, and none for a dead owner',
    async run(world) {
      const { store } = world;
      const scene = await startScene(world);
      const replay = { id: scene.id, owner: host, batches: [] };
      assert.equal(await store.replaySession(replay), undefined);
      await scene.move('running.streaming', 'running.draining');
      assert.equal(await store.replaySession(replay), undefined);
      await scene.move('running.draining', 'cancelled');
      assert.equal(await store.replaySession(replay), undefined);
      assert.equal(await store.replaySession({ ...replay, id: sessionIdOf(9) }), undefined);
      const ended = await startScene(world, 2);
      await ended.move('running.streaming', 'failed');
      assert.equal(await store.replaySession({ ...replay, id: ended.id, owner: otherHost }), undefined);
      world.clock.advance(leaseMs);
      assert.equal(await store.replaySession({ ...replay, id: ended.id }), undefined);
    },
  },
  {
    name: 'opens no session whose key is live, and holds the key of one that it opened',
    async run(world) {
      const scene = await completed(world);
      const replay = { id: scene.id, owner: otherHost, batches: [openDead] };
      const other = newSession(2, { key: 'key-1', coordinator: otherHost });
      await world.store.createSession(other);
      assert.equal(await world.store.replaySession(replay), undefined);
      assert.equal((await scene.batch(1)).state, 'failed.dead');
      await world.store.moveSession({ id: other.id, epoch: 1, from: 'pending', to: 'cancelled' });
      assert.equal((await world.store.replaySession(replay))?.state, 'running.draining');
      const third = await world.store.createSession(newSession(3, { key: 'key-1' }));
      assert.deepEqual([third.type, third.session.id], ['live', scene.id]);
    },
  },
  {
    name: 'opens no session that was pruned, and prunes none that was opened again',
    async run(world) {
      const scene = await completed(world);
      const replay = { id: scene.id, owner: otherHost, batches: [openDead] };
      const prune = async () => world.store.prune({ endedBefore: world.clock.now() + 1, limit: 9 });
      await world.store.replaySession(replay);
      assert.equal(await prune(), 0);
      await finish(scene, 'completed', '"second"');
      assert.equal(await prune(), 1);
      assert.equal(await world.store.replaySession(replay), undefined);
      assert.equal(await world.store.getSession(scene.id), undefined);
    },
  },
  {
    name: 'keeps the result of the generation before when the next one fails, and replaces it when that completes',
    async run(world) {
      const scene = await completed(world);
      await world.store.replaySession({ id: scene.id, owner: otherHost, batches: [] });
      await finish(scene, 'failed', null);
      const failed = await scene.session();
      assert.deepEqual([failed.result, failed.resultGeneration, failed.error, failed.state], ['"first"', 1, failure, 'failed']);
      await world.store.replaySession({ id: scene.id, owner: otherHost, batches: [] });
      const epoch = 3;
      await scene.move('running.draining', 'finalizing', { epoch });
      await scene.move('finalizing', 'completed', { epoch, result: null });
      assert.deepEqual([(await scene.session()).result, (await scene.session()).resultGeneration], [null, 3]);
    },
  },
];
