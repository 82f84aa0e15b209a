import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { command as warm, workersWithin } from '../../src/cli/commands/warm.ts';
import { command as clear } from '../../src/cli/commands/warm-clear.ts';
import { createTerminal } from '../../src/cli/terminal/terminal.ts';
import { createGroupsDisplay } from '../../src/cli/warm/groups-display.ts';
import { readConfig } from '../../src/cli/warm/read-config.ts';
import type { Progress } from '../../src/engine/api/session.ts';
import { callCommand } from '../security/cli-call.ts';
import { manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';
import { cached, folder, itemRows, shopGroups, writeShops } from '../workloads/warm/warm-world.ts';
import { type CliWorld, cliWorld } from './support/cli-world.ts';
import { hasSettled, stored } from './support/stored.ts';

const test = suite('millrace warm');

function writeConfig(world: CliWorld, more: object = {}): void {
  if (!existsSync(world.path('shops.sqlite'))) writeShops(world.path('shops.sqlite'));
  const config = { database: 'shops.sqlite', cachePrefix: 'demo', emptyIsError: 'none sold', groups: shopGroups, ...more };
  world.write('shops.json', JSON.stringify(config));
}

test(
  'warms a cache, lists on stderr what failed, and clears it again',
  async () => {
    using world = cliWorld();
    writeConfig(world, { cache: 'sqlite:cache.db', connections: 1 });
    const { code, stdout, stderr } = await world.run(['warm', 'shops.json', '--out', 'out']);
    assert.is(code, 1, stderr);
    assert.match(stdout, /^shops +12 +8 +4 +24 +20 +4 /m);
    assert.match(stdout, /^total +14 +10 +4 +26 +22 +4 /m);
    assert.match(stdout, /^in all +38 /m);
    assert.match(stderr, /^4 shops failed:\n {2}s3 \(Shop "3" é\): sales: none sold\n/m);
    assert.not.match(stderr, /progress|Warming/, 'no bar without a terminal');
    assert.is(Object.keys(cached(world.path('cache.db'))).length, 22);
    assert.is(itemRows(world.path('out')).trim().split('\n').length, 27);

    const cleared = await world.run(['warm', 'clear', 'shops.json', '--json']);
    assert.equal(JSON.parse(cleared.stdout), { deleted: 22 });
    assert.equal(cached(world.path('cache.db')), {});
  },
  { timeoutMs: 60_000 },
);

test('tells by its exit code that all, some or none could be loaded, and that a config is wrong', async () => {
  using world = cliWorld();
  writeConfig(world, { emptyIsError: undefined });
  const call = (args: string[]) => callCommand(warm, [...args, '--executor', 'inline'], 15_000);
  assert.is((await call([world.path('shops.json')])).code, 0);
  assert.is((await call([world.path('shops.json'), '--key', 's2'])).code, 0);
  writeConfig(world, {
    groups: [{ name: 'g', keys: 'select id as key from shops', loaders: { a: 'select x from y where :key' } }],
  });
  const none = await call([world.path('shops.json')]);
  assert.is(none.code, 3);
  assert.match(none.text, /12 g failed:/);
  writeConfig(world, { groups: [{ name: 'g', keys: 'select id from nowhere', loaders: { a: 'select :key' } }] });
  const wrong = await call([world.path('shops.json')]);
  assert.is(wrong.code, 2);
  assert.match(wrong.text, /keys of group g can't be listed: no such table: nowhere/);
  for (const args of [
    ['absent.json'],
    ['absent.mjs'],
    [world.path('shops.sqlite')],
    [world.path('shops.json'), '--cache', 'c.db'],
  ]) {
    assert.is((await call(args)).code, 2, args.join(' '));
  }
  assert.is((await callCommand(clear, [world.path('shops.json')])).code, 2, 'there is nothing to clear in a memory');
});

test('a config is checked field by field, and named with its file', () => {
  using world = cliWorld();
  const group = { name: 'g', keys: 'select 1 as key', loaders: { a: 'select :key' } };
  const good = { database: 'd.sqlite', cachePrefix: 'p', groups: [group] };
  const read = (config: unknown) =>
    readConfig(world.write('c.json', typeof config === 'string' ? config : JSON.stringify(config)));
  assert.is(read(good).database, world.path('d.sqlite'), 'paths are meant from the folder of the config');
  const bad: readonly [unknown, RegExp][] = [
    ['{', /c\.json is no JSON/],
    [[], /an object/],
    [{ ...good, databse: 'x' }, /databse must be an option that exists/],
    [{ ...good, database: 1 }, /database must be a text/],
    [{ ...good, cachePrefix: '' }, /cachePrefix/],
    [{ ...good, groups: {} }, /groups must be a list/],
    [{ ...good, groups: [{ ...group, keys: undefined }] }, /groups\[0\]\.keys/],
    [{ ...good, groups: [{ ...group, loaders: {} }] }, /groups\[0\]\.loaders/],
    [{ ...good, groups: [{ ...group, loaders: { a: 'select 1' } }] }, /loaders\.a must be a query that uses :key/],
    [{ ...good, groups: [{ ...group, more: 1 }] }, /groups\[0\]: more/],
    [{ ...good, connections: 0 }, /connections/],
  ];
  for (const [config, named] of bad) assert.throws(() => read(config), named, JSON.stringify(config));
});

test('there are never more workers than connections', () => {
  assert.is(workersWithin(undefined, 8), 8);
  assert.is(workersWithin(3, 8), 3);
  assert.is(workersWithin(20, 8), 8);
  assert.is(workersWithin(1), 1);
});

test('draws a bar for each group on a terminal, one below the other', () => {
  const clock = manualClock();
  const written: string[] = [];
  const stderr = { isTTY: true, columns: 100, write: (text: string) => written.push(text) };
  const terminal = createTerminal({ stdout: stderr, stderr, clock, env: {} });
  const keys = (count: number) => Array.from({ length: count }, (_, place) => ({ key: place, label: '' }));
  const groups = [
    { name: 'topics', loaders: ['a', 'b'], keys: keys(10), keysPerChunk: 1 },
    { name: 'tags', loaders: ['a'], keys: keys(5), keysPerChunk: 1 },
  ];
  const display = createGroupsDisplay(terminal, groups);
  const batches = { total: 1, pending: 0, running: 1, completed: 0, failed: 0, crashed: 0, cancelled: 0 };
  const progress = (completed: number, failed: number): Progress => ({
    status: 'running',
    paused: false,
    counts: { items: { total: 25, completed, failed, cancelled: 0 }, batches },
    counters: {},
    sourceEnded: true,
    fraction: 0,
    itemsPerSecond: 0,
    etaMs: undefined,
  });
  display.update(progress(3, 2));
  assert.match(written.at(-1) ?? '', /Warming topics: {2}25% \|={10} {30}\| Time: 00:00:00/);
  display.update(progress(20, 4));
  const seen = written.join('');
  assert.match(seen, /Warming topics: 100% \|={40}\| Time: 00:00:00\n/);
  assert.match(written.at(-1) ?? '', /Warming tags: {2}80% /);
  display.update(progress(21, 4));
  display.stop();
  assert.match(written.join(''), /Warming tags: 100% \|={40}\| Time: 00:00:00\n/);
});

const loaders = `
import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { defineLoaders } from 'millrace/warm';
export default defineLoaders({
  loaders: {
    value: async (key: number) => {
      appendFileSync('witness', key + '\\n');
      await delay(5);
      if (key % 7 === 0) throw new Error('unlucky');
      return [{ key }];
    },
  },
});
`;

const config = `
import { warmJob } from 'millrace/warm';
import { workModule } from 'millrace';
export const job = warmJob(workModule(new URL('./loaders.work.ts', import.meta.url)), { name: 'numbers' });
export const request = () => ({
  prefix: 'n',
  groups: [{ name: 'numbers', keys: Array.from({ length: 120 }, (_, place) => place + 1), loaders: ['value'] }],
  keysPerChunk: 1,
  cache: 'sqlite:cache.db',
});
`;

test(
  'goes on after kill -9 at any moment with the same command: the same values and items, and nothing that was settled is loaded again',
  async () => {
    using world = cliWorld();
    using whole = folder();
    world.write('loaders.work.ts', loaders);
    world.write('numbers.ts', config);
    const call = ['warm', 'numbers.ts', '--workers', '2', '--refresh', '--out'];
    const first = await world.run([...call, whole.path('out'), '--cache', `sqlite:${whole.path('c.db')}`]);
    assert.is(first.code, 1, first.stderr);
    world.write('witness', '');

    const settled = new Set<number>();
    const store = world.path('out/.millrace/runs.db');
    for (const pause of [0, 60]) {
      const killed = world.start([...call, 'out']);
      await killed.until(() => hasSettled(store, 'numbers'));
      await delay(pause);
      killed.process.kill('SIGKILL');
      await killed.ended();
      const { sessions, attempts } = await stored(store);
      assert.is(sessions.length, 1);
      for (const { number, outcome } of attempts) if (outcome === 'completed') settled.add(number + 1);
    }
    assert.ok(settled.size > 0);
    assert.not.ok(existsSync(world.path('out/items.tsv')), 'it was killed in the middle');
    assert.equal(
      cached(world.path('cache.db'))['n:numbers:1:value'],
      undefined,
      'a refresh replaces nothing before all is loaded',
    );

    const again = await world.run([...call, 'out']);
    assert.is(again.code, 1, again.stderr);
    assert.is((await stored(store)).sessions.length, 1, 'one run, however often it was begun');
    const runs = new Map<string, number>();
    for (const key of world.read('witness').trim().split('\n')) runs.set(key, (runs.get(key) ?? 0) + 1);
    assert.is(runs.size, 120);
    for (const key of settled) assert.is(runs.get(String(key)), 1, `key ${key} was loaded once`);
    assert.is(itemRows(world.path('out')), itemRows(whole.path('out')));
    assert.equal(cached(world.path('cache.db')), cached(whole.path('c.db')));

    const next = await world.run([...call, 'out']);
    assert.is(next.code, 1);
    assert.is((await stored(store)).sessions.length, 2, 'what has ended is begun anew');
  },
  { timeoutMs: 120_000 },
);

test.run();
