import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSqlite, type NativeDatabase } from '../../../src/drivers/load-sqlite.ts';
import { createEngine } from '../../../src/index.ts';
import type { ExecutorName } from '../../../src/model/job.ts';
import type { WarmReport } from '../../../src/workloads/warm/report.ts';
import { runWarmSql, type WarmSqlRequest, warmSqlJob } from '../../../src/workloads/warm/sql/warm-sql.ts';

const { type: Database } = await loadSqlite();

export function openSqlite(path: string): NativeDatabase {
  return new Database(path);
}

/** A folder of a test's own. */
export interface Folder extends Disposable {
  path(name: string): string;
}

export function folder(): Folder {
  const root = mkdtempSync(join(tmpdir(), 'millrace-warm-'));
  return { path: (name) => join(root, name), [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

/** Shops, their sales, and tags; every third shop has sold nothing. */
export function writeShops(path: string, shops = 12): void {
  const database = openSqlite(path);
  database.exec('create table shops (id text, name text); create table sales (shop text, year integer, total real)');
  database.exec('create table tags (tag text)');
  const shop = database.prepare('insert into shops values (?, ?)');
  const sale = database.prepare('insert into sales values (?, ?, ?)');
  for (let number = 1; number <= shops; number++) {
    shop.run(`s${number}`, `Shop "${number}" é`);
    for (let year = 2020; number % 3 !== 0 && year < 2024; year++) sale.run(`s${number}`, year, number * year + 0.5);
  }
  database.exec("insert into tags values ('new'), ('old'), ('new')");
  database.close();
}

/** What is asked of the shops: 12 keys with two values each, and a tag that is listed twice. */
export const shopGroups: WarmSqlRequest['groups'] = [
  {
    name: 'shops',
    keys: 'select id as key, name as label from shops order by rowid',
    loaders: {
      sales: 'select year, sum(total) as total from sales where shop = :key group by year order by year',
      name: 'select name, null as boss from shops where id = :key',
    },
  },
  {
    name: 'tags',
    keys: 'select tag as key from tags order by rowid',
    loaders: { count: 'select count(*) as n from tags where tag = :key' },
  },
];

/** One run in an engine of its own. */
export async function warmOnce(
  request: WarmSqlRequest,
  { executor = 'inline', workers = 1 }: { executor?: ExecutorName; workers?: number } = {},
): Promise<WarmReport> {
  const engine = await createEngine({ jobs: [warmSqlJob], executor, workers });
  try {
    return await runWarmSql(engine, { executor, ...request });
  } finally {
    await engine.close();
  }
}

/** What is in an SQLite cache, by its keys. */
export function cached(path: string): Record<string, string> {
  const database = openSqlite(path);
  const rows = database.prepare('select key, value from cache order by key').all() as { key: string; value: string }[];
  database.close();
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}

/** The rows of `items.tsv` without the times. */
export function itemRows(out: string): string {
  return readFileSync(join(out, 'items.tsv'), 'utf8').replace(/\t[^\t\n]*$/gm, '');
}

/** What one loop over everything gives: the sha1 of each value by its key; null where there are no rows. */
export function sequentially(
  database: NativeDatabase,
  prefix: string,
  groups: WarmSqlRequest['groups'],
): Map<string, string | null> {
  const values = new Map<string, string | null>();
  for (const { name, keys, loaders } of groups) {
    for (const { key } of database.prepare(keys).all() as { key: string }[]) {
      for (const [loader, sql] of Object.entries(loaders)) {
        const rows = database.prepare(sql).all({ key });
        const sha1 = createHash('sha1').update(JSON.stringify(rows)).digest('hex');
        values.set(`${prefix}:${name}:${key}:${loader}`, rows.length === 0 ? null : sha1);
      }
    }
  }
  return values;
}
