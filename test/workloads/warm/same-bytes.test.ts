import { copyFileSync, readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import type { ExecutorName } from '../../../src/model/job.ts';
import type { WarmSqlRequest } from '../../../src/workloads/warm/sql/warm-sql.ts';
import { missingData, sharedData } from '../../support/shared-data.ts';
import { suite } from '../../support/suite.ts';
import { cached, folder, itemRows, openSqlite, sequentially, shopGroups, warmOnce, writeShops } from './warm-world.ts';

const test = suite('warm, same bytes');

const ways: readonly { executor: ExecutorName; workers: number; keysPerChunk?: number }[] = [
  { executor: 'inline', workers: 1, keysPerChunk: 1 },
  { executor: 'threads', workers: 1, keysPerChunk: 25 },
  { executor: 'threads', workers: 2 },
  { executor: 'threads', workers: 4, keysPerChunk: 1 },
  { executor: 'processes', workers: 1 },
  { executor: 'processes', workers: 2, keysPerChunk: 3 },
  { executor: 'processes', workers: 4 },
];

async function sameIn(
  tried: typeof ways,
  request: Omit<WarmSqlRequest, 'cache' | 'out'>,
  path: (name: string) => string,
): Promise<void> {
  const run = async (name: string, way: (typeof ways)[number]) => {
    const { keysPerChunk, ...engine } = way;
    const out = path(name);
    await warmOnce({ ...request, cache: `sqlite:${out}.db`, out, keysPerChunk }, engine);
    return { rows: itemRows(out), values: cached(`${out}.db`) };
  };
  const expected = await run('first', { executor: 'inline', workers: 1 });
  assert.ok(Object.keys(expected.values).length > 0);
  for (const [place, way] of tried.entries()) {
    const { rows, values } = await run(`way-${place}`, way);
    assert.ok(rows === expected.rows, `items.tsv, ${JSON.stringify(way)}`);
    assert.equal(values, expected.values, JSON.stringify(way));
  }
}

test(
  'values and items are the same for every chunk size, number of workers and executor',
  async () => {
    using own = folder();
    writeShops(own.path('shops.sqlite'), 30);
    const request = { prefix: 'demo', database: own.path('shops.sqlite'), groups: shopGroups, emptyIsError: 'none sold' };
    await sameIn(ways, request, own.path);
  },
  { timeoutMs: 60_000 },
);

const dashboards = 'dashboards/warm-baseball.json';

/** The real set, with indexes: the same values in a hundredth of the time. */
function indexedBaseball(path: string): Omit<WarmSqlRequest, 'cache'> {
  const { cachePrefix, emptyIsError, groups } = JSON.parse(readFileSync(sharedData(dashboards), 'utf8'));
  copyFileSync(sharedData('dashboards/baseball.sqlite'), path);
  const database = openSqlite(path);
  database.exec(`create index one on Teams (franchID); create index two on Salaries (yearID, teamID);
    create index three on HomeGames ("year.key", "team.key"); create index four on Parks ("park.key");
    create index five on AllstarFull (yearID, teamID)`);
  database.close();
  return { prefix: cachePrefix, emptyIsError, groups, database: path };
}

test.unless(
  missingData(dashboards),
  'the baseball dashboards have the same bytes, too',
  async () => {
    using own = folder();
    const few = ways.filter(({ executor, workers }) => (executor === 'threads' && workers === 2) || workers === 4);
    await sameIn(few, indexedBaseball(own.path('indexed.sqlite')), own.path);
  },
  { timeoutMs: 90_000 },
);

test.unless(
  missingData(dashboards),
  'of the baseball dashboards 328 of 509 have a value: those of a loop on its own, and in the cache',
  async () => {
    using own = folder();
    const { cachePrefix: prefix, emptyIsError, groups } = JSON.parse(readFileSync(sharedData(dashboards), 'utf8'));
    const database = sharedData('dashboards/baseball.sqlite');
    const expected = sequentially(openSqlite(database), prefix, groups);
    const report = await warmOnce(
      { prefix, emptyIsError, groups, database, cache: `sqlite:${own.path('cache.db')}` },
      { executor: 'processes', workers: 2 },
    );
    const { keys, items, ok, failed, all } = report.total;
    assert.equal({ keys, items, ok, failed, all }, { keys: 149, items: 509, ok: 328, failed: 181, all: 629 });
    assert.equal(new Map(report.items.map(({ cacheKey, sha1 }) => [cacheKey, sha1])), expected);
    assert.is(Object.keys(cached(own.path('cache.db'))).length, 328);
    assert.ok(report.failures.every(({ errors }) => errors.every(({ message }) => message === 'no data available')));
  },
  { timeoutMs: 60_000 },
);

test.run();
