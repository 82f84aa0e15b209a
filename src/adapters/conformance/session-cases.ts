import assert from 'node:assert/strict';
import { failure, first, host, leaseMs, newSession, sessionIdOf, startScene } from './scene.ts';
import type { StoreCase } from './store-case.ts';

/** What every store does with sessions, beside moving them. */
export const sessionCases: readonly StoreCase[] = [
  {
    name: 'records a session as it is given, pending and with nothing counted',
    async run({ store, clock }) {
      const given = newSession(1, { settings: '{"a":-0}', metadata: '"m"', input: new Uint8Array([0, 255, 7]), priority: 1.5 });
      const { type, session } = await store.createSession(given);
      assert.equal(type, 'created');
      const { input, counts, ...rest } = session;
      assert.deepEqual([...(input as Uint8Array)], [0, 255, 7]);
      assert.deepEqual(counts.items, { total: 0, completed: 0, failed: 0, cancelled: 0 });
      assert.deepEqual(counts.batches, { total: 0, pending: 0, running: 0, completed: 0, failed: 0, crashed: 0, cancelled: 0 });
      const { input: _, ...givenRest } = given;
      const start = {
        state: 'pending',
        paused: false,
        cancelReason: null,
        generation: 1,
        epoch: 1,
        takeovers: 0,
        resultGeneration: null,
        finalizeTries: 0,
        eventNumber: 0,
      };
      const none = { counters: {}, result: null, error: null, startedAt: null, endedAt: null };
      const position = { chunks: 0, items: 0, ended: false };
      assert.deepEqual(rest, { ...givenRest, ...start, ...none, position, createdAt: clock.now() });
      assert.deepEqual((await store.getSession(given.id))?.key, given.key);
    },
  },
  {
    name: 'answers the live session of a key instead of recording a second one',
    async run({ store }) {
      await store.createSession(newSession(1, { key: 'same' }));
      const { type, session } = await store.createSession(newSession(2, { key: 'same' }));
      assert.deepEqual([type, session.id], ['live', sessionIdOf(1)]);
      assert.equal(await store.getSession(sessionIdOf(2)), undefined);
    },
  },
  {
    name: 'takes the same key of another job for another key',
    async run({ store }) {
      await store.createSession(newSession(1, { key: 'same' }));
      assert.equal((await store.createSession(newSession(2, { key: 'same', job: 'other' }))).type, 'created');
    },
  },
  {
    name: 'records a new session of a key whose session has ended, and finds the newest',
    async run(world) {
      const scene = await startScene(world, 1, { key: 'same' });
      await scene.move('running.streaming', 'failed');
      assert.equal((await world.store.createSession(newSession(2, { key: 'same' }))).type, 'created');
      assert.equal((await world.store.findSession('sum', 'same'))?.id, sessionIdOf(2));
      assert.equal(await world.store.findSession('sum', 'other'), undefined);
    },
  },
  {
    name: 'answers created when the same session is recorded twice: the first answer may have been lost',
    async run({ store }) {
      await store.createSession(newSession(1));
      const { type, session } = await store.createSession(newSession(1));
      assert.deepEqual([type, session.id], ['created', sessionIdOf(1)]);
    },
  },
  {
    name: 'answers undefined for sessions that are not there',
    async run({ store }) {
      assert.equal(await store.getSession(sessionIdOf(1)), undefined);
      assert.equal(await store.requestSession(sessionIdOf(1), { paused: true }), undefined);
      assert.equal(await store.countFinalizeTry(sessionIdOf(1), 1), undefined);
    },
  },
  {
    name: 'lists sessions newest first, page by page',
    async run({ store, clock }) {
      for (let number = 1; number <= 5; number++) {
        clock.advance(1_000);
        await store.createSession(newSession(number));
      }
      const page = await store.listSessions({ limit: 2 });
      assert.deepEqual(
        page.map(({ id }) => id),
        [sessionIdOf(5), sessionIdOf(4)],
      );
      const rest = await store.listSessions({ limit: 9, after: sessionIdOf(4) });
      assert.deepEqual(
        rest.map(({ id }) => id),
        [sessionIdOf(3), sessionIdOf(2), sessionIdOf(1)],
      );
    },
  },
  {
    name: 'lists sessions by job, state, time and id',
    async run(world) {
      const { store, clock } = world;
      await store.createSession(newSession(1));
      await store.createSession(newSession(2, { job: 'other' }));
      clock.advance(5);
      await startScene(world, 3);
      const ids = async (filter: object) => (await store.listSessions({ limit: 9, ...filter })).map(({ id }) => id);
      assert.deepEqual(await ids({ job: 'sum' }), [sessionIdOf(3), sessionIdOf(1)]);
      assert.deepEqual(await ids({ states: ['pending'] }), [sessionIdOf(2), sessionIdOf(1)]);
      assert.deepEqual(await ids({ createdSince: clock.now() }), [sessionIdOf(3)]);
      assert.deepEqual(await ids({ states: [] }), []);
      assert.deepEqual(await ids({ id: sessionIdOf(2) }), [sessionIdOf(2)]);
      assert.deepEqual(await ids({ id: sessionIdOf(2), job: 'sum' }), []);
      assert.deepEqual(await ids({ id: sessionIdOf(9) }), []);
    },
  },
  {
    name: 'keeps what is asked of a session that has not ended: pausing, and the first reason to cancel',
    async run(world) {
      const scene = await startScene(world);
      const asked = await world.store.requestSession(scene.id, { paused: true, cancelReason: 'first' });
      assert.deepEqual([asked?.paused, asked?.cancelReason], [true, 'first']);
      await world.store.requestSession(scene.id, { cancelReason: 'second', paused: false });
      const { paused, cancelReason } = await scene.session();
      assert.deepEqual([paused, cancelReason], [false, 'first']);
      await scene.move('running.streaming', 'failed');
      assert.equal((await world.store.requestSession(scene.id, { paused: true }))?.paused, false);
    },
  },
  {
    name: 'tells in every answer whether the session is paused or asked to cancel',
    async run(world) {
      const scene = await startScene(world);
      await world.store.requestSession(scene.id, { paused: true, cancelReason: 'why' });
      const { paused, cancelReason } = await scene.commit({});
      assert.deepEqual([paused, cancelReason], [true, 'why']);
    },
  },
  {
    name: 'notes when a session started and ended',
    async run(world) {
      const scene = await startScene(world);
      const startedAt = world.clock.now();
      world.clock.advance(100);
      await scene.move('running.streaming', 'failed', { error: failure });
      const session = await scene.session();
      assert.deepEqual([session.startedAt, session.endedAt, session.error], [startedAt, startedAt + 100, failure]);
    },
  },
  {
    name: 'prunes sessions that ended before a moment, with all that belongs to them',
    async run(world) {
      const { store, clock } = world;
      const scene = await startScene(world);
      await scene.enqueue(2, { slice: '1' });
      const batch = first(await scene.claim(1));
      const letter = { itemId: 'a', place: 0, items: 1, taskId: 't', error: failure, attempts: 1 };
      await scene.settle(batch, 'failed.dead', { output: { places: null, data: '[1]' }, deadLetters: [letter], error: failure });
      await scene.move('running.streaming', 'failed');
      const live = await startScene(world, 2);
      const filter = { endedBefore: clock.now(), limit: 10 };
      assert.equal(await store.prune(filter), 0);
      clock.advance(1);
      assert.equal(await store.prune({ ...filter, endedBefore: clock.now() }), 1);
      assert.deepEqual([await store.getSession(scene.id), await store.findSession('sum', 'key-1')], [undefined, undefined]);
      const page = { sessionId: scene.id, after: 0, limit: 9 };
      assert.deepEqual(await store.listBatches(page), []);
      assert.deepEqual(await store.listAttempts(page), []);
      assert.deepEqual(await store.listDeadLetters(page), []);
      assert.deepEqual(await store.listOutputs({ sessionId: scene.id, from: 0, to: 9, limit: 9 }), []);
      assert.equal((await live.session()).id, live.id);
    },
  },
  {
    name: 'prunes the oldest first, no more than asked for, or one session by its id',
    async run(world) {
      for (const number of [1, 2, 3, 4]) {
        const scene = await startScene(world, number);
        await scene.move('running.streaming', 'cancelled');
        world.clock.advance(10);
      }
      const endedBefore = world.clock.now();
      assert.equal(await world.store.prune({ endedBefore, limit: 2 }), 2);
      assert.equal(await world.store.prune({ endedBefore, limit: 9, id: sessionIdOf(4) }), 1);
      const left = await world.store.listSessions({ limit: 9 });
      assert.deepEqual(
        left.map(({ id }) => id),
        [sessionIdOf(3)],
      );
    },
  },
  {
    name: 'keeps odd texts of keys, reasons and errors as they are',
    async run(world) {
      const key = 'it\'s "odd"; -- \u{1F600} ?1 %s __proto__';
      const scene = await startScene(world, 1, { key });
      await world.store.requestSession(scene.id, { cancelReason: key });
      const error = { name: '', message: '\u0000 \ud800 \n', category: 'error' as const, cause: { ...failure, message: key } };
      await scene.move('running.streaming', 'cancelled', { error });
      const found = await world.store.findSession('sum', key);
      assert.deepEqual([found?.key, found?.cancelReason, found?.error], [key, key, error]);
    },
  },
  {
    name: 'keeps sessions and batches after reopening',
    needs: 'durable',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(3, { range: { from: 1, to: 2, overlapFrom: 0.1, overlapTo: 3 }, slice: '[1]', hash: 'h' });
      await scene.settle(first(await scene.claim(1)), 'completed', {
        output: { places: [0], data: '[5]' },
        counters: { words: 2 },
      });
      const read = async () => [
        await scene.session(),
        await world.store.listBatches({ sessionId: scene.id, limit: 9 }),
        await world.store.listOutputs({ sessionId: scene.id, from: 0, to: 9, limit: 9 }),
        await world.store.listAttempts({ sessionId: scene.id, after: 0, limit: 9 }),
      ];
      const before = await read();
      await world.reopen();
      assert.deepEqual(await read(), before);
    },
  },
  {
    name: 'goes on after reopening where it stood',
    needs: 'durable',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(2);
      await world.reopen();
      await world.store.registerOwner(host, leaseMs);
      assert.deepEqual(
        (await scene.claim(1)).map(({ number }) => number),
        [0],
      );
      assert.equal((await scene.enqueue(1)).enqueued, true);
    },
  },
  {
    name: 'shows what one store wrote to another one on the same data',
    needs: 'shared',
    async run(world) {
      const scene = await startScene(world);
      const second = await world.second();
      assert.equal((await second.getSession(scene.id))?.state, 'running.streaming');
      await second.requestSession(scene.id, { paused: true });
      assert.equal((await scene.commit({})).paused, true);
    },
  },
  {
    name: 'never lets its time go back, not even for a second store',
    needs: 'shared',
    async run(world) {
      const scene = await startScene(world);
      world.clock.advance(60_000);
      await scene.commit({});
      world.clock.advance(-50_000);
      const second = await world.second();
      assert.equal(await second.now(), world.clock.now() + 50_000);
    },
  },
  {
    name: 'never lets its time go back',
    async run(world) {
      const scene = await startScene(world);
      world.clock.advance(60_000);
      const late = await world.store.commit({ owner: host, sessions: [] });
      world.clock.advance(-50_000);
      const { now } = await world.store.commit({ owner: host, sessions: [{ sessionId: scene.id, epoch: 1 }] });
      assert.equal(now, late.now);
    },
  },
  {
    name: 'counts its transactions, and the rows it wrote',
    async run(world) {
      const scene = await startScene(world);
      const before = world.store.operations();
      await scene.enqueue(10);
      const after = world.store.operations();
      assert.equal(after.transactions, before.transactions + 1);
      assert.ok(after.rowsWritten >= before.rowsWritten + 10);
    },
  },
  {
    name: 'refuses to be used after closing',
    async run(world) {
      const second = world.store;
      await second.close();
      await assert.rejects(async () => second.getSession(sessionIdOf(1)), { code: 'STORE_FAILED' });
      await assert.rejects(async () => second.commit({ owner: host, sessions: [] }), { code: 'STORE_FAILED' });
    },
  },
];
