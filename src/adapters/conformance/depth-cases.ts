import assert from 'node:assert/strict';
import { failure, host, newSession, startScene } from './scene.ts';
import type { StoreCase } from './store-case.ts';

/** What every store answers about what waits. */
export const depthCases: readonly StoreCase[] = [
  {
    name: 'tells how much waits, by job, and since when',
    async run(world) {
      const { store, clock } = world;
      const scene = await startScene(world, 1);
      const begun = clock.now();
      await scene.enqueue(2);
      clock.advance(1_000);
      const later = await startScene(world, 2);
      await later.enqueue(4);
      await store.createSession(newSession(3, { job: 'waits' }));
      clock.advance(1_000);
      await store.createSession(newSession(4, { job: 'waits' }));
      const ended = await startScene(world, 5, { job: 'gone' });
      await ended.move('running.streaming', 'cancelled');
      const [retried, split, done] = await later.claim([0, 1, 2]);
      if (retried) await later.settle(retried, 'failed.waiting', { retryInMs: 9_000, error: failure });
      if (split) await later.settle(split, 'crashed.isolating', { error: failure });
      if (done) await later.settle(done, 'completed', { itemsCompleted: 1 });
      const counts = { job: 'sum', sessions: 2, waitingSessions: 0, pending: 4, retrying: 1, running: 0 };
      const waits = { job: 'waits', sessions: 2, waitingSessions: 2, pending: 0, retrying: 0, running: 0 };
      const idle = { ...waits, sessionSince: begun + 1_000, pendingSince: null };
      assert.deepEqual(await store.query('depth', {}), [{ ...counts, sessionSince: null, pendingSince: begun }, idle]);
      await scene.claim([0, 1], host);
      assert.deepEqual(await store.query('depth', {}), [
        { ...counts, pending: 2, running: 2, sessionSince: null, pendingSince: begun + 1_000 },
        idle,
      ]);
    },
  },
];
