import * as assert from 'uvu/assert';
import { createEngine } from '../../../src/index.ts';
import { memoryCache } from '../../../src/workloads/caches/memory-cache.ts';
import { openCache } from '../../../src/workloads/caches/open-cache.ts';
import { defineLoaders } from '../../../src/workloads/warm/define-loaders.ts';
import { runWarm, type WarmRequest } from '../../../src/workloads/warm/run-warm.ts';
import { warmJob } from '../../../src/workloads/warm/warm-job.ts';
import { missingRedis, startRedis } from '../../support/redis-server.ts';
import { suite } from '../../support/suite.ts';
import { cached, folder } from './warm-world.ts';

const test = suite('warm, refresh');

/** Values of a generation, each loaded when the test lets it. */
function gatedWorld() {
  const world = {
    generation: 1,
    fails: new Set<string>(),
    keys: ['a', 'b', 'c', 'd'],
    /** Called before the value of a key is given. */
    before: async (_key: string): Promise<void> => {},
  };
  const loaders = defineLoaders({
    loaders: {
      value: async (key) => {
        await world.before(String(key));
        if (world.fails.has(String(key))) throw new Error('no luck');
        return [{ key, generation: world.generation }];
      },
    },
  });
  const job = warmJob(loaders, { name: 'gated' });
  const groups = [{ name: 'g', keys: () => world.keys, loaders: ['value'] }];
  return Object.assign(world, { job, groups });
}

function generationOf(value: string | undefined): number | undefined {
  return value === undefined ? undefined : JSON.parse(value)[0].generation;
}

async function run(world: ReturnType<typeof gatedWorld>, cache: WarmRequest['cache'], more: Partial<WarmRequest> = {}) {
  const engine = await createEngine({ jobs: [world.job], executor: 'inline' });
  try {
    return await runWarm(engine, world.job, { prefix: 'p', groups: world.groups, cache, ...more });
  } finally {
    await engine.close();
  }
}

test.unless(
  missingRedis,
  'on a Redis server a reader finds every key at every moment, and the old values until all are loaded',
  async () => {
    using server = await startRedis();
    const cache = await openCache(server.url);
    const world = gatedWorld();
    await run(world, server.url);

    let reading = true;
    const seen: (number | undefined)[][] = [];
    const read = async (): Promise<void> => {
      const reader = await openCache(server.url);
      while (reading)
        seen.push(await Promise.all(world.keys.map(async (key) => generationOf(await reader.get(`p:g:${key}:value`)))));
      await reader.close();
    };
    const readers = [read(), read()];
    world.generation = 2;
    world.before = async (key) => {
      // The last one is loaded only when readers have looked again: all others are loaded, and none is in its place.
      const looks = seen.length;
      while (key === 'd' && seen.length < looks + 20) await new Promise(setImmediate);
    };
    await run(world, server.url, { refresh: true });
    const looks = seen.length;
    while (seen.length < looks + 4) await new Promise(setImmediate);
    reading = false;
    await Promise.all(readers);

    assert.ok(seen.length > 40);
    assert.ok(
      seen.every((look) => look.every((generation) => generation !== undefined)),
      'no hole',
    );
    const atOnce = new Set(seen.map(String));
    assert.equal([...atOnce], ['1,1,1,1', '2,2,2,2'], 'four keys are swapped in one step');
    assert.is(await cache.deletePrefix('p~'), 0, 'nothing is left behind');

    // That the reader would see a hole: the cleared cache of the original.
    await cache.deletePrefix('p:');
    assert.is(await cache.get('p:g:a:value'), undefined);
    await cache.close();
  },
);

test.unless(missingRedis, 'a Redis server that goes away fails the items that it did not take, and ends no process', async () => {
  using server = await startRedis();
  const world = gatedWorld();
  world.before = async (key) => {
    if (key === 'c') await server.kill();
  };
  const { items, total } = await run(world, server.url);
  assert.equal([total.ok, total.failed], [2, 2]);
  assert.match(items[2]?.error ?? '', /could not be written to the cache/);
  assert.match(items[3]?.error ?? '', /could not be written to the cache/);
  const error = await run(world, server.url).catch((thrown: unknown) => thrown);
  assert.is((error as { code?: string }).code, 'CACHE_FAILED', 'the next run does not even begin');
});

for (const kind of ['memory', 'sqlite'] as const) {
  test(`${kind}: what failed keeps its old value, what is not listed any more goes, what another prefix has stays`, async () => {
    using own = folder();
    const memory = memoryCache();
    const target = kind === 'memory' ? memory : `sqlite:${own.path('c.db')}`;
    const cache = typeof target === 'string' ? await openCache(target) : target;
    const world = gatedWorld();
    await cache.set('other:g:a:value', '1', 60_000);
    await cache.set('p:gone:a:value', '1', 60_000);
    await run(world, target);

    world.generation = 2;
    world.fails.add('b');
    world.keys = ['a', 'b', 'e'];
    const { status, failures } = await run(world, target, { refresh: true });
    assert.is(status, 'partial');
    assert.equal(failures, [{ group: 'g', key: 'b', label: 'b', errors: [{ loader: 'value', message: 'no luck' }] }]);
    const values = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map(async (key) => generationOf(await cache.get(`p:g:${key}:value`))),
    );
    assert.equal(values, [2, 1, undefined, undefined, 2]);
    assert.is(await cache.get('p:gone:a:value'), undefined);
    assert.is(await cache.get('other:g:a:value'), '1');
    if (typeof target === 'string')
      assert.equal(
        Object.keys(cached(own.path('c.db'))).filter((key) => key.startsWith('p~')),
        [],
      );
    await cache.close();
  });
}

test('a refresh of which nothing could be loaded, or of one key, deletes nothing', async () => {
  using own = folder();
  const address = `sqlite:${own.path('c.db')}`;
  const world = gatedWorld();
  await run(world, address);
  world.fails = new Set(world.keys);
  world.keys = ['a', 'b'];
  assert.is((await run(world, address, { refresh: true })).status, 'failed');
  assert.is(Object.keys(cached(own.path('c.db'))).length, 4);
  world.fails.clear();
  world.generation = 3;
  assert.is((await run(world, address, { refresh: true, key: 'a' })).status, 'completed');
  const values = cached(own.path('c.db'));
  assert.equal(Object.values(values).map(generationOf), [3, 1, 1, 1]);
});

test.run();
