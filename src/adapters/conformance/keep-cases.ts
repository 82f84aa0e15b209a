import assert from 'node:assert/strict';
import { failure, host, type Scene, sceneOf, startScene } from './scene.ts';
import type { StoreCase } from './store-case.ts';

/** What every store does with sessions that were kept long enough. */
export const keepCases: readonly StoreCase[] = [
  {
    name: 'prunes what is overdue: ended sessions whose time to be kept is over, and no others',
    async run(world) {
      const { store, clock } = world;
      const keeps = [1_000, null, 0, 5_000, 0] as const;
      const scenes: Scene[] = [];
      for (const [index, keepMs] of keeps.entries()) scenes.push(await startScene(world, index + 1, { keepMs }));
      for (const scene of scenes.slice(0, 4)) await scene.move('running.streaming', 'cancelled');
      const left = async () => (await store.listSessions({ limit: 9 })).map(({ keepMs }) => keepMs);
      assert.deepEqual(await left(), [0, 5_000, 0, null, 1_000]);
      assert.deepEqual([await store.prune({ overdue: true, limit: 9 }), await left()], [1, [0, 5_000, null, 1_000]]);
      clock.advance(999);
      assert.equal(await store.prune({ overdue: true, limit: 9 }), 0);
      clock.advance(1);
      assert.deepEqual([await store.prune({ overdue: true, limit: 9 }), await left()], [1, [0, 5_000, null]]);
      clock.advance(1_000_000);
      assert.deepEqual([await store.prune({ overdue: true, limit: 9 }), await left()], [1, [0, null]]);
    },
  },
  {
    name: 'prunes no more overdue sessions at once than it was asked to, and none that was opened again',
    async run(world) {
      const { store } = world;
      const opened = await startScene(world, 1, { keepMs: 0 });
      await opened.enqueue(0, {}, true);
      await opened.move('running.streaming', 'failed', { error: failure });
      assert.ok(await store.replaySession({ id: opened.id, owner: host, batches: [] }));
      for (const number of [2, 3, 4])
        await (await startScene(world, number, { keepMs: 0 })).move('running.streaming', 'cancelled');
      assert.deepEqual([await store.prune({ overdue: true, limit: 2 }), await store.prune({ overdue: true, limit: 2 })], [2, 1]);
      assert.deepEqual(
        (await store.listSessions({ limit: 9 })).map(({ id }) => id),
        [opened.id],
      );
    },
  },
  {
    name: 'keeps how long a session is to be kept after reopening',
    needs: 'durable',
    async run(world) {
      const scene = await startScene(world, 1, { keepMs: 604_800_000 });
      const store = await world.reopen();
      assert.equal((await store.getSession(scene.id))?.keepMs, 604_800_000);
      assert.equal((await sceneOf(world, scene.id).session()).keepMs, 604_800_000);
    },
  },
];
