import assert from 'node:assert/strict';
import { isEndedSession, isSessionMove, type SessionState, sessionMoves } from '../../model/moves.ts';
import type { SessionWrite } from '../../model/store.ts';
import { failure, first, host, leaseMs, newSession, type Scene, sceneOf, startScene } from './scene.ts';
import type { StoreCase, StoreWorld } from './store-case.ts';

const states: readonly SessionState[] = [...new Set(sessionMoves.flatMap(({ from, to }) => [from, to]))];

const pairs = [...new Map(sessionMoves.map(({ from, to }) => [`${from}>${to}`, { from, to }])).values()];

/** A way to each state, by legal moves. */
const ways: Readonly<Record<SessionState, readonly SessionState[]>> = {
  pending: [],
  'running.streaming': ['running.streaming'],
  'running.draining': ['running.streaming', 'running.draining'],
  finalizing: ['running.streaming', 'running.draining', 'finalizing'],
  completed: ['running.streaming', 'running.draining', 'finalizing', 'completed'],
  failed: ['failed'],
  crashed: ['crashed'],
  cancelled: ['cancelled'],
};

async function sceneIn(world: StoreWorld, state: SessionState): Promise<Scene> {
  await world.store.registerOwner(host, leaseMs);
  const session = newSession(1);
  await world.store.createSession(session);
  const scene = sceneOf(world, session.id);
  let from: SessionState = 'pending';
  for (const to of ways[state]) {
    assert.equal(await scene.move(from, to), true, `${from} to ${to}, on the way to ${state}`);
    from = to;
  }
  return scene;
}

const legalCases: readonly StoreCase[] = pairs.map(({ from, to }) => ({
  name: `moves a session from ${from} to ${to}`,
  async run(world) {
    const scene = await sceneIn(world, from);
    const before = await scene.session();
    world.clock.advance(10);
    assert.equal(await scene.move(from, to), true);
    const after = await scene.session();
    assert.equal(after.state, to);
    assert.equal(after.endedAt, isEndedSession(to) ? world.clock.now() : null);
    assert.equal(after.generation, before.generation + Number(isEndedSession(from)), 'only a replay begins a generation');
    assert.equal(after.eventNumber, before.eventNumber + 1);
  },
}));

const illegalCases: readonly StoreCase[] = states.map((from) => ({
  name: `refuses every write that leads a session from ${from} where no move does`,
  async run(world) {
    const scene = await sceneIn(world, from);
    const before = await scene.session();
    for (const to of states.filter((state) => !isSessionMove(from, state))) {
      assert.equal(await scene.move(from, to), false, `${from} to ${to}`);
    }
    assert.deepEqual(await scene.session(), before);
  },
}));

const barrier: Partial<SessionWrite> = { requireNothingOpen: true };

const conditionCases: readonly StoreCase[] = [
  {
    name: 'moves a session only from the state it is in, and answers how it is',
    async run(world) {
      const scene = await startScene(world);
      const { moved, session } = await world.store.moveSession({ id: scene.id, epoch: 1, from: 'pending', to: 'failed' });
      assert.deepEqual([moved, session?.state], [false, 'running.streaming']);
    },
  },
  {
    name: 'refuses to move a session under an old epoch',
    async run(world) {
      const scene = await startScene(world);
      assert.equal(await scene.move('running.streaming', 'running.draining', { epoch: 0 }), false);
      assert.equal(await scene.move('running.streaming', 'running.draining', { epoch: 2 }), false);
    },
  },
  {
    name: 'answers nothing for a session that is not there',
    async run(world) {
      const scene = sceneOf(world, newSession(9).id);
      const answer = await world.store.moveSession({ id: scene.id, epoch: 1, from: 'pending', to: 'failed' });
      assert.deepEqual(answer, { moved: false, session: undefined });
    },
  },
  {
    name: 'holds the barrier while the source has not ended',
    async run(world) {
      const scene = await startScene(world);
      await scene.move('running.streaming', 'running.draining');
      assert.equal(await scene.move('running.draining', 'finalizing', barrier), false);
      await scene.enqueue(0, {}, true);
      assert.equal(await scene.move('running.draining', 'finalizing', barrier), true);
    },
  },
  ...(
    [
      'pending',
      'running',
      'failed.waiting',
      'failed.isolating',
      'crashed.deciding',
      'crashed.waiting',
      'crashed.isolating',
    ] as const
  ).map(
    (state): StoreCase => ({
      name: `holds the barrier while a batch is ${state}`,
      async run(world) {
        const scene = await startScene(world);
        await scene.bring('completed');
        await scene.bring(state);
        await scene.enqueue(0, {}, true);
        await scene.move('running.streaming', 'running.draining');
        assert.equal(await scene.move('running.draining', 'finalizing', barrier), false);
      },
    }),
  ),
  {
    name: 'opens the barrier when every batch has ended, whichever way',
    async run(world) {
      const scene = await startScene(world);
      for (const state of ['completed', 'failed.dead', 'crashed.dead', 'cancelled'] as const) await scene.bring(state);
      await scene.enqueue(0, {}, true);
      await scene.move('running.streaming', 'running.draining');
      assert.equal(await scene.move('running.draining', 'finalizing', barrier), true);
    },
  },
  {
    name: 'cancels every open batch with its session, and no other',
    async run(world) {
      const scene = await startScene(world);
      for (const state of ['pending', 'running', 'failed.waiting', 'crashed.deciding', 'completed', 'failed.dead'] as const) {
        await scene.bring(state);
      }
      assert.equal(await scene.move('running.streaming', 'cancelled', { cancelOpen: true, error: failure }), true);
      const batches = await world.store.listBatches({ sessionId: scene.id, limit: 10 });
      assert.deepEqual(
        batches.map(({ state }) => state),
        ['cancelled', 'cancelled', 'cancelled', 'cancelled', 'completed', 'failed.dead'],
      );
      const { counts, error, state } = await scene.session();
      assert.deepEqual([counts.batches.cancelled, counts.batches.running, counts.batches.crashed], [4, 0, 0]);
      assert.deepEqual([counts.items.cancelled, error, state], [4, failure, 'cancelled']);
    },
  },
  {
    name: 'keeps the result in the move that completes a session, and until the next one replaces it',
    async run(world) {
      const scene = await sceneIn(world, 'finalizing');
      await scene.move('finalizing', 'completed', { result: '{"sum":3}' });
      await scene.move('completed', 'running.draining');
      const replayed = await scene.session();
      assert.deepEqual([replayed.result, replayed.generation, replayed.endedAt], ['{"sum":3}', 2, null]);
      await scene.move('running.draining', 'finalizing');
      await scene.move('finalizing', 'completed', { result: new Uint8Array([1, 2]) });
      assert.deepEqual([...((await scene.session()).result as Uint8Array)], [1, 2]);
    },
  },
  {
    name: 'counts tries at finalize under the current epoch, and anew for each generation',
    async run(world) {
      const scene = await sceneIn(world, 'finalizing');
      assert.equal(await world.store.countFinalizeTry(scene.id, 1), 1);
      assert.equal(await world.store.countFinalizeTry(scene.id, 1), 2);
      assert.equal(await world.store.countFinalizeTry(scene.id, 0), undefined);
      await scene.move('finalizing', 'failed', { error: failure });
      await scene.move('failed', 'running.draining');
      assert.equal(await world.store.countFinalizeTry(scene.id, 1), 1);
    },
  },
  {
    name: 'does not make a session live again while another one of its key is',
    async run(world) {
      const scene = await sceneIn(world, 'failed');
      const other = newSession(2, { key: 'key-1' });
      assert.equal((await world.store.createSession(other)).type, 'created');
      assert.equal(await scene.move('failed', 'running.draining'), false);
      await sceneOf(world, other.id).move('pending', 'cancelled');
      assert.equal(await scene.move('failed', 'running.draining'), true);
      const third = await world.store.createSession(newSession(3, { key: 'key-1' }));
      assert.deepEqual([third.type, third.session.id], ['live', scene.id]);
    },
  },
  {
    name: 'lets one of two finishers win',
    async run(world) {
      const scene = await sceneIn(world, 'finalizing');
      const moves = await Promise.all(['1', '2'].map((result) => scene.move('finalizing', 'completed', { result })));
      assert.deepEqual(moves, [true, false]);
      assert.equal(first([(await scene.session()).result]), '1');
    },
  },
];

/** What every store does with the moves of sessions. */
export const sessionMoveCases: readonly StoreCase[] = [...legalCases, ...illegalCases, ...conditionCases];
