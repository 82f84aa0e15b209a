import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { memoryCache } from '../../../src/workloads/caches/memory-cache.ts';
import { cacheAddress, openCache } from '../../../src/workloads/caches/open-cache.ts';
import { sqliteCache } from '../../../src/workloads/caches/sqlite-cache.ts';
import { lifetimeOf, type WarmCache } from '../../../src/workloads/caches/warm-cache.ts';
import { missingRedis, type RedisServer, startRedis } from '../../support/redis-server.ts';
import { suite } from '../../support/suite.ts';

const test = suite('caches');
const root = mkdtempSync(join(tmpdir(), 'millrace-caches-'));
let redis: RedisServer | undefined;
let files = 0;

test.before(async () => {
  if (missingRedis === undefined) redis = await startRedis();
});
test.after(() => {
  redis?.[Symbol.dispose]();
  rmSync(root, { recursive: true, force: true });
});

const hour = 3_600_000;
const sqliteAddress = (): string => `sqlite:${join(root, `${files++}.db`)}`;
const kinds: readonly { name: string; missing: string | undefined; open: () => Promise<WarmCache> }[] = [
  { name: 'memory', missing: undefined, open: async () => memoryCache() },
  { name: 'sqlite', missing: undefined, open: () => openCache(sqliteAddress()) },
  { name: 'redis', missing: missingRedis, open: () => openCache(redis?.url ?? '') },
];

for (const { name, missing, open } of kinds) {
  /** Runs a case on an empty cache of its own. */
  const on = (title: string, act: (cache: WarmCache) => Promise<void>): void =>
    test.unless(missing, `${name}: ${title}`, async () => {
      const cache = await open();
      await cache.deletePrefix('');
      await act(cache);
      await cache.close();
    });

  on('gives what was set last, and nothing for what never was', async (cache) => {
    assert.is(await cache.get('a'), undefined);
    await cache.set('a', '[1]', hour);
    await cache.set('a', '["zwei \\u0000 😀"]', hour);
    assert.is(await cache.get('a'), '["zwei \\u0000 😀"]');
  });

  on('lets go of what has had its time', async (cache) => {
    await cache.set('brief', '1', 20);
    await cache.set('long', '2', hour);
    while ((await cache.get('brief')) !== undefined) await delay(5);
    assert.is(await cache.get('long'), '2');
  });

  on('deletes by prefix, which holds no pattern, and spares what it is told to', async (cache) => {
    for (const key of ['p*:1', 'p*:2', 'p*:3', 'pp:1', 'p[a]:1', 'q:1']) await cache.set(key, key, hour);
    assert.is(await cache.deletePrefix('p*:', new Set(['p*:2', 'pp:1'])), 2);
    assert.is(await cache.deletePrefix('p*:nothing'), 0);
    assert.is(await cache.deletePrefix('p[a]'), 1);
    const left = await Promise.all(['p*:1', 'p*:2', 'p*:3', 'pp:1', 'p[a]:1', 'q:1'].map((key) => cache.get(key)));
    assert.equal(left, [undefined, 'p*:2', undefined, 'pp:1', undefined, 'q:1']);
  });

  on('swaps values into their places, again without harm, and passes over what is not there', async (cache) => {
    await cache.set('old', '0', hour);
    await cache.set('stage:old', '1', hour);
    await cache.set('stage:new', '2', hour);
    const moves = ['old', 'new', 'absent'].map((to) => ({ from: `stage:${to}`, to, ttlMs: hour }));
    await cache.swap(moves);
    await cache.swap(moves);
    assert.equal(await Promise.all(['old', 'new', 'absent', 'stage:old'].map((key) => cache.get(key))), [
      '1',
      '2',
      undefined,
      undefined,
    ]);
  });

  on('gives a swapped value its time anew', async (cache) => {
    await cache.set('stage:a', '1', hour);
    await cache.swap([{ from: 'stage:a', to: 'a', ttlMs: 20 }]);
    while ((await cache.get('a')) !== undefined) await delay(5);
  });

  on('swaps more values than fit into one step', async (cache) => {
    const moves = Array.from({ length: 2_100 }, (_, place) => ({ from: `stage:${place}`, to: `m:${place}`, ttlMs: hour }));
    for (const { from, to } of moves) await cache.set(from, to, hour);
    await cache.swap(moves);
    assert.is(await cache.get('m:2099'), 'm:2099');
    assert.is(await cache.deletePrefix('stage:'), 0);
    assert.is(await cache.deletePrefix('m:'), 2_100);
  });
}

test('an SQLite cache keeps times by the clock that it is given, and removes what is over', async () => {
  let now = 1_000;
  const cache = await sqliteCache(join(root, 'clock.db'), () => now);
  await cache.set('a', '1', 100);
  now = 1_099;
  assert.is(await cache.get('a'), '1');
  now = 1_100;
  assert.is(await cache.get('a'), undefined);
  await cache.deletePrefix('other');
  assert.is(await cache.deletePrefix('a'), 0, 'it is gone already');
  await cache.close();
});

test('a memory cache refuses what it could never hold', async () => {
  const cache = memoryCache({ maxChars: 10 });
  const error = await cache.set('a', 'x'.repeat(20), hour).catch((thrown: unknown) => thrown);
  assert.match((error as Error).message, /larger than the whole cache/);
});

test('lifetimes are at most what was asked for, at least nine tenths of it, spread, and the same for the same key', () => {
  const lives = Array.from({ length: 1_000 }, (_, place) => lifetimeOf(`key ${place}`, 1_000_000));
  assert.ok(lives.every((life) => life <= 1_000_000 && life >= 900_000));
  assert.ok(new Set(lives).size > 300);
  assert.is(lifetimeOf('key 1', 1_000_000), lives[1]);
});

test('an address is checked, with its file as an absolute path, and holds no password', () => {
  assert.is(cacheAddress('sqlite:c.db', '/tmp/some'), 'sqlite:/tmp/some/c.db');
  assert.is(cacheAddress('redis://127.0.0.1:6379/1'), 'redis://127.0.0.1:6379/1');
  for (const bad of ['', 'c.db', 'sqlite:', 'http://127.0.0.1', 'redis://', 'redis://me:secret@127.0.0.1:6379']) {
    assert.throws(() => cacheAddress(bad), /INVALID_OPTION|cache must be/, bad);
  }
});

test('a server that does not answer, and a file that can not be, are told of by name', async () => {
  for (const address of ['redis://127.0.0.1:1', `sqlite:${join(root, 'no', 'folder', 'c.db')}`]) {
    const error = await openCache(address).catch((thrown: unknown) => thrown);
    assert.is((error as { code?: string }).code, 'CACHE_FAILED', address);
    assert.ok((error as Error).message.includes(address), (error as Error).message);
  }
});

test.run();
