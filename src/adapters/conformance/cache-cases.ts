import assert from 'node:assert/strict';
import type { CacheName, CacheWrite } from '../../model/cache.ts';
import type { Payload } from '../../model/codec.ts';
import type { Token } from '../../model/ids.ts';
import type { BatchRecord } from '../../model/records.ts';
import type { Store } from '../../model/store.ts';
import { failure, type Scene, startScene } from './scene.ts';
import type { StoreCase } from './store-case.ts';

const monday: CacheName = { series: 'ann', range: 'mon', key: 'k1' };

function kept(name: CacheName = monday, facts: Payload = '{"items":1}'): CacheWrite {
  return { ...name, hit: false, facts };
}

/** Runs one more batch, and completes it with an output. */
async function complete(scene: Scene, cache: CacheWrite, data: Payload | null = '[1]'): Promise<BatchRecord> {
  const batch = await scene.bring('running');
  assert.ok(
    await scene.settle(batch, 'completed', { itemsCompleted: 1, output: data === null ? null : { places: null, data }, cache }),
  );
  return batch;
}

/** What is found of a series, range by range. */
async function find(store: Store, ...names: readonly CacheName[]): Promise<readonly (Payload | null | undefined)[]> {
  const found: (Payload | null | undefined)[] = [];
  for (const { series, ...part } of names) {
    const [one] = await store.findCached({ job: 'sum', series, parts: [part] });
    found.push(one ? one.output : undefined);
  }
  return found;
}

/** What every store does with outputs that outlive their sessions. */
export const cacheCases: readonly StoreCase[] = [
  {
    name: 'finds a cached output by job, series, range and key, and by nothing less',
    async run(world) {
      const { store } = world;
      await complete(await startScene(world), kept(), '[7]');
      const part = { range: 'mon', key: 'k1' };
      assert.deepEqual(await find(store, monday), ['[7]']);
      for (const other of [{ series: 'bob' }, { range: 'tue' }, { key: 'k2' }]) {
        assert.deepEqual(await find(store, { ...monday, ...other }), [undefined]);
      }
      assert.deepEqual(await store.findCached({ job: 'other', series: 'ann', parts: [part] }), [null]);
      const tuesday = { range: 'tue', key: 'k1' };
      const both = await store.findCached({ job: 'sum', series: 'ann', parts: [tuesday, part, part] });
      assert.deepEqual(both, [null, { facts: '{"items":1}', output: '[7]' }, { facts: '{"items":1}', output: '[7]' }]);
    },
  },
  {
    name: 'gives cached outputs back as they were: bytes, any text, and none',
    async run(world) {
      const scene = await startScene(world);
      const odd = { series: 'a\u0000\ud800', range: '\u0001{}', key: "'; --" };
      const bytes = new Uint8Array([0, 255, 7]);
      await complete(scene, kept(odd, bytes), bytes);
      await complete(scene, kept(), null);
      const [found] = await world.store.findCached({ job: 'sum', series: odd.series, parts: [odd] });
      assert.deepEqual([...(found?.facts ?? [])], [0, 255, 7]);
      assert.deepEqual([...(found?.output ?? [])], [0, 255, 7]);
      assert.deepEqual(await find(world.store, monday), [null]);
    },
  },
  {
    name: 'keeps the newest cached output of a range, whichever session it is of',
    async run(world) {
      const newer = { ...monday, key: 'k2' };
      await complete(await startScene(world, 1), kept(), '[1]');
      await complete(await startScene(world, 2), kept(newer), '[2]');
      assert.deepEqual(await find(world.store, monday, newer), [undefined, '[2]']);
    },
  },
  {
    name: 'caches nothing of a write that is not done, or completes nothing',
    async run(world) {
      const scene = await startScene(world);
      const output = { places: null, data: '[1]' };
      const late = await scene.bring('running');
      const changes = { output, itemsCompleted: 1, cache: kept() };
      assert.equal(await scene.settle({ ...late, token: 'of-another' as Token }, 'completed', changes), false);
      await scene.settle(late, 'failed.dead', { ...changes, error: failure });
      await scene.settle(await scene.bring('running'), 'pending', changes);
      assert.deepEqual(await find(world.store, monday), [undefined]);
    },
  },
  {
    name: 'counts a batch that the cache completed, once, until it is opened again',
    async run(world) {
      const scene = await startScene(world);
      await complete(scene, kept());
      const cached = async () => (await scene.session()).counts.batches.cached;
      assert.equal(await cached(), undefined);
      const batch = await scene.bring('running');
      const hit = { itemsCompleted: 1, output: { places: null, data: '[1]' }, cache: { ...monday, hit: true } as const };
      assert.ok(await scene.settle(batch, 'completed', hit));
      assert.ok(await scene.settle(batch, 'completed', hit));
      assert.equal(await cached(), 1);
      assert.equal((await scene.commit({})).counts.batches.cached, 1);
      await scene.write({ number: batch.number, from: 'completed', to: 'pending', attempt: 0, dropOutputs: true });
      assert.equal(await cached(), undefined);
      const [again] = await scene.claim([batch.number]);
      assert.ok(again && (await scene.settle(again, 'completed', { output: { places: null, data: '[1]' } })));
      assert.equal(await cached(), undefined);
    },
  },
  {
    name: 'keeps cached outputs when their sessions are deleted',
    async run(world) {
      const scene = await startScene(world, 1, { keepMs: 0 });
      await complete(scene, kept());
      await scene.move('running.streaming', 'cancelled');
      assert.equal(await world.store.prune({ overdue: true, limit: 9 }), 1);
      assert.deepEqual(await find(world.store, monday), ['[1]']);
    },
  },
  {
    name: 'deletes cached outputs by job, by series, and by when they were last used, those not used for longest first',
    async run(world) {
      const { store, clock } = world;
      const scene = await startScene(world);
      const tuesday = { ...monday, range: 'tue' };
      const other = { ...monday, series: 'bob' };
      for (const name of [monday, tuesday, other]) {
        await complete(scene, kept(name));
        clock.advance(1_000);
      }
      await complete(scene, { ...monday, hit: true });
      const usedBefore = await store.now();
      assert.equal(await store.pruneCache({ job: 'none', limit: 9 }), 0);
      assert.equal(await store.pruneCache({ usedBefore, limit: 1 }), 1);
      assert.deepEqual(await find(store, monday, tuesday, other), ['[1]', undefined, '[1]']);
      assert.equal(await store.pruneCache({ usedBefore, limit: 9 }), 1);
      assert.deepEqual(await find(store, monday, other), ['[1]', undefined]);
      await complete(scene, kept(other));
      assert.equal(await store.pruneCache({ job: 'sum', series: 'bob', limit: 9 }), 1);
      assert.equal(await store.pruneCache({ limit: 9 }), 1);
      assert.deepEqual(await find(store, monday), [undefined]);
    },
  },
  {
    name: 'makes no new entry of one that was deleted before its use was noted',
    async run(world) {
      const scene = await startScene(world);
      await complete(scene, { ...monday, hit: true });
      assert.deepEqual(await find(world.store, monday), [undefined]);
      assert.equal((await scene.session()).counts.batches.cached, 1);
    },
  },
  {
    name: 'keeps cached outputs, and how many batches they completed, after reopening',
    needs: 'durable',
    async run(world) {
      const scene = await startScene(world);
      await complete(scene, kept());
      await complete(scene, { ...monday, hit: true });
      const store = await world.reopen();
      assert.deepEqual(await find(store, monday), ['[1]']);
      assert.equal((await store.getSession(scene.id))?.counts.batches.cached, 1);
    },
  },
];
