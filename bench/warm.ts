import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadSqlite, type NativeType } from '../src/drivers/load-sqlite.ts';
import { inFreshProcess } from './fresh-process.ts';
import { goal } from './goal.ts';
import { compare } from './measure.ts';
import { numberOption, textOption } from './options.ts';

/** How long do queries take from an SQLite file into a cache, on two workers and in one loop? `--config` names a config of its own. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const { type } = await loadSqlite();
  const config = textOption('config') ?? inventConfig(folder, type, numberOption('rows', 30_000));
  if (!existsSync(config)) throw new Error(`There is no file ${config}.`);
  const cacheOf = (name: string): string => join(folder, `${name}.db`);
  const variant = (name: string) => () => inFreshProcess('warm-variant', [name, config, `sqlite:${cacheOf(name)}`]);
  const names = ['loop', 'inline', 'threads', 'processes'];
  try {
    const measured = await compare(
      `an SQLite cache from ${textOption('config') ?? 'an invented database'}, each in a process of its own (workers are started anew; memory store)`,
      {
        'plain loop': variant('loop'),
        inline: variant('inline'),
        '2 threads': variant('threads'),
        '2 processes': variant('processes'),
      },
      { rounds: numberOption('rounds', 3) },
    );
    const { 'plain loop': loop, '2 threads': threads, '2 processes': processes } = measured;
    goal('2 processes over the plain loop', loop.wallMs / processes.wallMs, { atLeast: 1.6 });
    goal('2 threads over the plain loop', loop.wallMs / threads.wallMs, { atLeast: 1.6 });
    const values = names.map((name) => cached(type, cacheOf(name)));
    if (new Set(values).size > 1) throw new Error('the caches do not hold the same');
    console.log('reached  all four caches hold the same');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function cached(type: NativeType, path: string): string {
  const database = new type(path);
  const rows = database.prepare('select key, value from cache order by key').all();
  database.close();
  return JSON.stringify(rows);
}

/** 120 topics with two queries each on tables without an index, as the dashboards of an old application have them. */
function inventConfig(folder: string, type: NativeType, rows: number): string {
  const database = new type(join(folder, 'sales.sqlite'));
  database.exec('create table topics (id text); create table sales (topic text, shop text, day integer, total integer)');
  database.exec('create table shops (id text, region text); begin');
  const topic = database.prepare('insert into topics values (?)');
  for (let number = 0; number < 120; number++) topic.run(`t${number}`);
  const shop = database.prepare('insert into shops values (?, ?)');
  for (let number = 0; number < 500; number++) shop.run(`s${number}`, `r${number % 20}`);
  const sale = database.prepare('insert into sales values (?, ?, ?, ?)');
  for (let number = 0; number < rows; number++) {
    sale.run(`t${(number * 7) % 110}`, `s${(number * 31) % 500}`, number % 365, (number * 48_271) % 1_000);
  }
  database.exec('commit');
  database.close();
  const loaders = {
    days: 'select day, sum(total) as total from sales where topic = :key group by day order by day',
    regions:
      'select p.region, count(*) as sales, sum(s.total) as total from sales s join shops p on p.id = s.shop where s.topic = :key group by p.region order by p.region',
  };
  const groups = [{ name: 'topics', keys: 'select id as key from topics', loaders }];
  const file = join(folder, 'sales.json');
  writeFileSync(file, JSON.stringify({ database: 'sales.sqlite', cachePrefix: 'bench', emptyIsError: 'none', groups }));
  return file;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await run();
