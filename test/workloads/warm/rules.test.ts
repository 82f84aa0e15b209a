import { EventEmitter, once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { createEngine, sqlite } from '../../../src/index.ts';
import type { ExecutorName } from '../../../src/model/job.ts';
import { workModule } from '../../../src/model/work.ts';
import { memoryCache } from '../../../src/workloads/caches/memory-cache.ts';
import { defineLoaders } from '../../../src/workloads/warm/define-loaders.ts';
import { runWarm, type WarmRequest } from '../../../src/workloads/warm/run-warm.ts';
import type { WarmKey } from '../../../src/workloads/warm/warm-item.ts';
import { warmJob } from '../../../src/workloads/warm/warm-job.ts';
import { suite } from '../../support/suite.ts';
import type work from './loaders.work.ts';
import { cached, folder, openSqlite, shopGroups, warmOnce, writeShops } from './warm-world.ts';

const test = suite('warm, rules');
const job = warmJob(workModule<typeof work>(new URL('./loaders.work.ts', import.meta.url)), { name: 'partners' });

async function warmPartners(
  request: Partial<WarmRequest> & { keys: WarmRequest['groups'][number]['keys'] },
  executor: ExecutorName,
) {
  const { keys, ...rest } = request;
  const engine = await createEngine({ jobs: [job], executor, workers: 2 });
  try {
    const groups = [{ name: 'g', keys, loaders: ['value'] }];
    return await runWarm(engine, job, { prefix: 'p', groups, cache: memoryCache(), keysPerChunk: 2, executor, ...rest });
  } finally {
    await engine.close();
  }
}

for (const executor of ['threads', 'processes'] as const) {
  test(
    `${executor}: what throws, hangs or ends its worker fails alone, and the others are loaded`,
    async () => {
      using own = folder();
      const fates = ['ok', 'throw', 'ok', 'hang', 'ok', 'exit', 'ok', 'empty'];
      const keys = fates.map((fate, place) => ({ key: `${own.path('witness')}|${fate}|${place}`, label: `${fate} ${place}` }));
      const report = await warmPartners({ keys, timeout: 300, emptyIsError: 'nothing there' }, executor);
      assert.equal(
        report.items.map(({ status, label }) => `${label}: ${status}`),
        fates.map((fate, place) => `${fate} ${place}: ${fate === 'ok' ? 'ok' : 'failed'}`),
      );
      const errors = report.failures.map(({ errors: [first] }) => first?.message ?? '');
      assert.is(errors[0], 'the partner is away');
      assert.match(errors[1] ?? '', /longer than 300 ms/);
      assert.match(errors[2] ?? '', /exit/i);
      assert.is(errors[3], 'nothing there');
      const ran = readFileSync(own.path('witness'), 'utf8').trim().split('\n');
      for (const place of [0, 1, 2, 4, 6, 7]) assert.is(ran.filter((name) => name === String(place)).length >= 1, true);
      assert.is(ran.filter((name) => name === '1').length, 1, 'what throws is tried once a run');
    },
    { timeoutMs: 30_000 },
  );
}

test('a query that never ends is ended at its time limit, and the others go on', async () => {
  using own = folder();
  writeShops(own.path('shops.sqlite'));
  const endless = 'with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n where :key is not null';
  const groups = [
    { name: 'bad', keys: "select 'x' as key", loaders: { endless, tags: 'select tag from tags where tag > :key or 1' } },
    ...shopGroups,
  ];
  const report = await warmOnce(
    { prefix: 'p', database: own.path('shops.sqlite'), groups, cache: memoryCache(), timeout: 200 },
    { executor: 'processes', workers: 2 },
  );
  assert.equal(
    report.items.filter(({ status }) => status === 'failed').map(({ cacheKey }) => cacheKey),
    ['p:bad:x:endless'],
  );
});

test('an error in one query fails its items with its text; duplicate keys are loaded once; keys and labels are told', async () => {
  using own = folder();
  writeShops(own.path('shops.sqlite'));
  const [shops, tags] = shopGroups;
  assert.ok(shops && tags);
  const broken = { ...shops, loaders: { ...shops.loaders, odd: 'select x from nowhere where :key' } };
  const out = own.path('out');
  const report = await warmOnce({
    prefix: 'p',
    database: own.path('shops.sqlite'),
    groups: [broken, tags],
    cache: `sqlite:${own.path('c.db')}`,
    emptyIsError: 'none sold',
    out,
  });
  const { shops: told, tags: tagsTold } = report.groups;
  const sums = { keys: 12, items: 36, ok: 20, failed: 16, keysAllOk: 0, keysWithFailure: 12 };
  assert.equal({ ...told, ms: 0, slowest: [] }, { ...sums, ms: 0, slowest: [] });
  assert.is(tagsTold?.keys, 2, 'a tag that is listed twice is one');
  assert.match(report.failures[0]?.errors[0]?.message ?? '', /no such (table|column)/);
  assert.is(told?.slowest.length, 10);
  const values = cached(own.path('c.db'));
  assert.is(values['p:shops:s1:name'], '[{"name":"Shop \\"1\\" é","boss":null}]');
  assert.is(values['p:tags:new:count'], '[{"n":2}]');
  assert.not.ok('p:shops:s3:sales' in values);
  const [head, first] = readFileSync(`${out}/items.tsv`, 'utf8').split('\n');
  assert.is(head, 'cacheKey\tlabel\tstatus\terror\trows\tbytes\tsha1\tms');
  assert.match(first ?? '', /^p:shops:s1:sales\tShop "1" é\tok\t\t4\t\d+\t[0-9a-f]{40}\t\d+$/);
  const summary = JSON.parse(readFileSync(`${out}/summary.json`, 'utf8'));
  assert.is(summary.groups.shops.failed, 16);
  assert.is(summary.total.all, 12 + 36 + 2);
  assert.not.ok(existsSync(`${out}/.untold`));
});

test('keys that can not be listed, or are none, end a run before anything is loaded', async () => {
  using own = folder();
  writeShops(own.path('shops.sqlite'));
  const request = { prefix: 'p', database: own.path('shops.sqlite'), cache: memoryCache() };
  const codeOf = async (keys: string): Promise<unknown> => {
    const groups = [{ name: 'g', keys, loaders: { a: 'select :key' } }];
    return warmOnce({ ...request, groups }).catch(({ code }: { code: string }) => code);
  };
  assert.is(await codeOf('select key from nowhere'), 'NO_READABLE_INPUT');
  assert.is(await codeOf('select id from shops'), 'NO_READABLE_INPUT', 'no column is called key');
  assert.is(await codeOf('select null as key'), 'NO_READABLE_INPUT');
  const nothing = await warmOnce({
    ...request,
    groups: [{ name: 'g', keys: 'select 1 as key where 0', loaders: { a: 'select :key' } }],
  });
  assert.equal([nothing.status, nothing.total.items], ['completed', 0]);
});

test('a database is never written, never made, and gives nothing that JSON would change', async () => {
  using own = folder();
  writeShops(own.path('shops.sqlite'));
  const request = { prefix: 'p', database: own.path('shops.sqlite'), cache: memoryCache() };
  const loaders = {
    write: 'insert into tags values (:key) returning tag',
    blob: "select x'00' as picture, :key as key",
    huge: 'select 9007199254740993 as id, :key as key',
    real: 'select 1e300 as large, 0.1 as small, :key as key',
  };
  const groups = [{ name: 'g', keys: 'select 7 as key', loaders }];
  const { items } = await warmOnce({ ...request, groups });
  assert.equal(
    items.map(({ status }) => status),
    ['failed', 'failed', 'failed', 'ok'],
  );
  assert.match(items[0]?.error ?? '', /readonly|read-only/);
  assert.match(items[1]?.error ?? '', /picture is a blob/);
  const tags = openSqlite(own.path('shops.sqlite')).prepare('select count(*) as n from tags').get();
  assert.is((tags as { n: number }).n, 3);
  const absent = await warmOnce({ ...request, database: own.path('absent.sqlite'), groups }).catch(
    (error: Error) => error.message,
  );
  assert.match(String(absent), /absent\.sqlite/);
  assert.not.ok(existsSync(own.path('absent.sqlite')));
});

test('keys come from any stream; the values are in a cache of the host when the run has ended', async () => {
  using own = folder();
  const cache = memoryCache();
  async function* active(): AsyncGenerator<WarmKey> {
    for (const name of ['a', 'b', 'a']) yield `${own.path('witness')}|ok|${name}`;
  }
  const report = await warmPartners({ keys: active(), cache }, 'threads');
  assert.is(report.total.ok, 2);
  assert.is(await cache.get(`p:g:${own.path('witness')}|ok|a:value`), '{"name":"a","isSetUp":true}');
  assert.equal(readFileSync(own.path('witness'), 'utf8').trim().split('\n').sort(), ['a', 'b']);
  const unlucky = await warmPartners({ keys: [`${own.path('witness')}|throw|c`] }, 'inline');
  assert.is(unlucky.status, 'failed');
});

test('one group, or one key, can be loaded alone', async () => {
  using own = folder();
  writeShops(own.path('shops.sqlite'));
  const request = { prefix: 'p', database: own.path('shops.sqlite'), groups: shopGroups, cache: memoryCache() };
  assert.equal(Object.keys((await warmOnce({ ...request, group: 'tags' })).groups), ['tags']);
  const one = await warmOnce({ ...request, key: 's2' });
  assert.equal(
    one.items.map(({ cacheKey }) => cacheKey),
    ['p:shops:s2:sales', 'p:shops:s2:name'],
  );
  for (const wrong of [{ group: 'nobody' }, { key: 'nobody' }, { group: 'tags', key: 's2' }]) {
    const error = await warmOnce({ ...request, ...wrong }).catch(({ code }: { code: string }) => code);
    assert.is(error, 'INVALID_OPTION', JSON.stringify(wrong));
  }
});

test('two calls at once of the same keys are one run, and another request of them is refused meanwhile', async () => {
  let loads = 0;
  const gate = new EventEmitter();
  const opened = once(gate, 'open');
  const work = defineLoaders({
    loaders: {
      value: async () => {
        loads++;
        await opened;
        return 1;
      },
    },
  });
  const slow = warmJob(work, { name: 'slow', concurrency: 4 });
  await using engine = await createEngine({ jobs: [slow] });
  const request = { prefix: 'p', groups: [{ name: 'g', keys: ['a', 'b'], loaders: ['value'] }], cache: memoryCache() };
  const hooks = new EventEmitter();
  const started = once(hooks, 'session');
  const first = runWarm(engine, slow, request, { onSession: () => hooks.emit('session') });
  await started;
  const second = runWarm(engine, slow, request);
  const other = await runWarm(engine, slow, { ...request, ttl: '1h' }).catch(({ code }: { code: string }) => code);
  assert.is(other, 'INPUT_CHANGED');
  gate.emit('open');
  assert.equal([(await first).total.ok, (await second).total.ok], [2, 2]);
  assert.is(loads, 2, 'each key was loaded once');
});

test('a run that ended, and whose host died before it told of it, is told of and not run again', async () => {
  using own = folder();
  const out = own.path('out');
  let loads = 0;
  const counting = warmJob(defineLoaders({ loaders: { value: () => ++loads } }), { name: 'counting' });
  await using engine = await createEngine({ jobs: [counting] });
  const groups = [{ name: 'g', keys: ['a', 'b'], loaders: ['value'] }];
  const request = { prefix: 'p', groups, cache: `sqlite:${own.path('c.db')}`, out };
  const first = await runWarm(engine, counting, request);
  rmSync(`${out}/items.tsv`);
  writeFileSync(`${out}/.untold`, first.sessionId);
  assert.is((await runWarm(engine, counting, request)).sessionId, first.sessionId);
  assert.is(loads, 2);
  assert.ok(existsSync(`${out}/items.tsv`));
  writeFileSync(`${out}/.untold`, first.sessionId);
  assert.is.not((await runWarm(engine, counting, { ...request, ttl: '1h' })).sessionId, first.sessionId, 'another request');
  assert.is.not((await runWarm(engine, counting, request)).sessionId, first.sessionId, 'it was told of');
});

test('what an interrupted run left is gone on with; with other keys it is given up, and a new run begins', async () => {
  using own = folder();
  const loaded: string[] = [];
  const gate = new EventEmitter();
  const work = defineLoaders({
    loaders: {
      value: async (key, signal) => {
        loaded.push(String(key));
        if (key === 'b' && loaded.length < 3) await once(gate, 'open', { signal });
        return key;
      },
    },
  });
  const held = warmJob(work, { name: 'held' });
  const requestFor = (keys: string[]): WarmRequest => ({
    prefix: 'p',
    groups: [{ name: 'g', keys, loaders: ['value'] }],
    cache: `sqlite:${own.path('c.db')}`,
    keysPerChunk: 1,
  });
  const open = () => createEngine({ jobs: [held], store: sqlite(own.path('runs.db')), resume: 'manual' });
  const interrupt = async (): Promise<void> => {
    loaded.length = 0;
    const engine = await open();
    const run = runWarm(engine, held, requestFor(['a', 'b'])).catch(({ code }: { code: string }) => code);
    while (!loaded.includes('b')) await delay(5);
    await engine.close({ grace: 0 });
    assert.is(await run, 'ENGINE_CLOSED');
  };
  const goOn = async (keys: string[]) => {
    await using engine = await open();
    return await runWarm(engine, held, requestFor(keys));
  };

  await interrupt();
  assert.is((await goOn(['a', 'b'])).total.ok, 2);
  assert.equal(loaded, ['a', 'b', 'b'], 'what was settled is not loaded again');
  await interrupt();
  const { total } = await goOn(['a', 'b', 'c']);
  assert.equal([total.items, total.ok], [3, 3]);
  assert.equal(loaded, ['a', 'b', 'a', 'b', 'c']);
});

test('a request is checked, naming what is wrong', async () => {
  const good = { prefix: 'p', groups: [{ name: 'g', keys: ['a'], loaders: ['value'] }], cache: memoryCache() };
  await using engine = await createEngine({ jobs: [job] });
  const group = good.groups[0];
  assert.ok(group);
  const bad: readonly [object, RegExp][] = [
    [{ prefix: '' }, /prefix/],
    [{ groups: [] }, /groups/],
    [{ groups: [group, group] }, /groups\[1\]\.name/],
    [{ groups: [{ ...group, name: 'a:b' }] }, /groups\[0\]\.name/],
    [{ groups: [{ ...group, loaders: [] }] }, /loaders/],
    [{ groups: [{ ...group, loaders: ['a', 'a'] }] }, /loaders/],
    [{ ttl: 'soon' }, /ttl/],
    [{ timeout: -1 }, /itemTimeout|timeout/],
    [{ keysPerChunk: 0 }, /keysPerChunk/],
    [{ cache: 'mysql://x' }, /cache/],
  ];
  for (const [wrong, named] of bad) {
    const error = await runWarm(engine, job, { ...good, ...wrong }).catch((thrown: unknown) => thrown);
    assert.is((error as { code?: string }).code, 'INVALID_OPTION', JSON.stringify(wrong));
    assert.match((error as Error).message, named);
  }
});

test('a value that can not be written fails its item', async () => {
  using own = folder();
  const file = own.path('c.db');
  const work = defineLoaders({
    loaders: {
      value: () => {
        // The cache is taken away while the value is loaded.
        const database = openSqlite(file);
        database.exec('drop table cache');
        database.close();
        return 1;
      },
    },
  });
  const dropping = warmJob(work, { name: 'dropping' });
  await using engine = await createEngine({ jobs: [dropping] });
  writeFileSync(file, '');
  const request = { prefix: 'p', groups: [{ name: 'g', keys: ['a'], loaders: ['value'] }], cache: `sqlite:${file}` };
  const { items } = await runWarm(engine, dropping, request);
  assert.match(items[0]?.error ?? '', /could not be written to the cache/);
});

test.run();
