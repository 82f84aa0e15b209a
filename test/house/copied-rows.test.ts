import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import { compareStores } from '../../src/adapters/stores/shadow/compare.ts';
import { repairStores } from '../../src/adapters/stores/shadow/repair.ts';
import { markers, ownNames, readNames } from '../../src/adapters/stores/shadow/watch-writes.ts';
import type { SqliteConnection } from '../../src/adapters/stores/sqlite/driver.ts';
import { loadDriver } from '../../src/adapters/stores/sqlite/load-driver.ts';
import { sqlite } from '../../src/adapters/stores/sqlite.ts';
import type { Replica } from '../../src/model/replica.ts';
import { suite } from '../support/suite.ts';

const test = suite('what a pair of stores copies');

/** Tables that are of one file, and not of what it holds. */
const ownTables = ['clock', 'shadow', 'sqlite_sequence'];
/** Columns that are of one file: numbers of rows that nothing else tells, and the machine of a host, which registers where it works. */
const ownColumns = [
  'owners.no',
  'owners.machine',
  'outputs.no',
  'attempts.no',
  'dead_letters.no',
  'notifications.no',
  'cached_outputs.no',
];

/** What a column holds here, where any value will not do; the others get one by their type. */
const values: Readonly<Record<string, string | number | null>> = {
  'sessions.no': 7,
  'sessions.state': 'failed',
  'sessions.ended': 1,
  'sessions.pruned': 0,
  'sessions.coordinator': 3,
  'sessions.counters': '{"seen":4}',
  'batches.session': 7,
  'batches.state': 11,
  'batches.owner': 3,
  'batches.token': null,
  'batches.remaining': '[1,2]',
  'batches.range': '[1,2,3,4]',
  'batches.isolation':
    '{"phase":"split","from":1,"to":2,"noted":null,"size":3,"deadInSight":4,"dead":[1],"survived":true,"error":{"name":"Error","message":"m","category":"error"}}',
  'batches.sliced': 1,
  'attempts.outcome': 2,
  'attempts.owner': 3,
  'attempts.category': 'error',
  'outputs.places': '[1]',
  'outputs.counters': '{"seen":4}',
  'dead_letters.message': 'm',
  'dead_letters.category': 'error',
  'notifications.notification': '{"id":"id","at":5,"type":"alert","alert":"stuck","message":"m"}',
  'notifications.id': 'id',
  'notifications.owner': 3,
  'notifications.due_at': 4_000_000_000_000,
  'alerts.name': 'stuck',
  'rates.starts': '[[4000000000000,2]]',
  'rates.free_at': 4_000_000_000_000,
  'owners.no': 3,
  'ticks.owner': 3,
  'ticks.schedule': 'name',
  'ticks.at': 5,
  'tick_inputs.schedule': 'name',
  'tick_inputs.at': 5,
  'tick_inputs.outcome': 'queued',
  'schedules.name': 'name',
  'schedules.open_tick': 5,
};

interface Column {
  readonly name: string;
  readonly type: string;
}

function columnsOf(connection: SqliteConnection, table: string): readonly Column[] {
  return connection.prepare(`pragma table_info(${table})`).all([]) as unknown as readonly Column[];
}

function tablesOf(connection: SqliteConnection): readonly string[] {
  const rows = connection.prepare("select name from sqlite_schema where type = 'table' order by rowid").all([]);
  return rows.map(({ name }) => String(name)).filter((name) => !ownTables.includes(name));
}

/** A value that no column has by default. */
function valueFor(table: string, { name, type }: Column): string | number | null {
  const known = values[`${table}.${name}`];
  if (known !== undefined) return known;
  if (name === 'session' && type === 'INTEGER') return 7;
  if (name === 'error') return '{"name":"Error","message":"m","category":"error"}';
  if (/int/i.test(type)) return name.endsWith('_at') ? 4_000_000_000_000 + name.length : 1;
  return /real/i.test(type) ? 1.5 : 'word';
}

/** One row in each table, with something in each column. */
function fill(connection: SqliteConnection): void {
  connection.exec('pragma foreign_keys = off');
  for (const table of tablesOf(connection)) {
    const columns = columnsOf(connection, table);
    const sql = `insert into ${table} (${columns.map(({ name }) => name).join(', ')}) values (${columns.map(() => '?').join(', ')})`;
    connection.prepare(sql).run(columns.map((column) => valueFor(table, column)));
  }
}

/** A table's rows without what is of one file. */
function rowsOf(connection: SqliteConnection, table: string): readonly string[] {
  const columns = columnsOf(connection, table).filter(({ name }) => !ownColumns.includes(`${table}.${name}`));
  const words = columns.map(({ name }) =>
    name === 'owner' || name === 'coordinator' ? `(select id from owners where no = ${name}) as ${name}` : name,
  );
  return connection
    .prepare(`select ${words.join(', ')} from ${table}`)
    .all([])
    .map((row) => JSON.stringify(columns.map(({ name }) => `${name} = ${row[name]}`)));
}

test('every method of a store is known as one that reads or one that writes', () => {
  const known = [...readNames, ...ownNames, ...Object.keys(markers)].sort();
  for (const store of [memory(), sqlite('never-opened.db')]) assert.equal(Object.keys(store).sort(), known, store.name);
});

test('every column of every table is copied, from file to file and through memory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-house-'));
  const driver = await loadDriver();
  try {
    const stores = ['first', 'second', 'third'].map((name) => sqlite(join(folder, `${name}.db`)));
    for (const store of stores) await store.open();
    const between = memory();
    const [first, second, third] = ['first', 'second', 'third'].map((name) => driver.connect(join(folder, `${name}.db`)));
    assert.ok(first && second && third);
    if (!first || !second || !third) return;
    fill(first);
    assert.ok(tablesOf(first).length >= 10);
    const replicas = [stores[0], stores[1], between, stores[2]].map((store) => store?.replica as Replica);
    for (const [index, to] of replicas.entries()) {
      if (index === 0) continue;
      const way = { from: replicas[index - 1] as Replica, to, isShared: false };
      await repairStores(way);
      assert.equal((await compareStores(way)).differences, []);
    }
    for (const table of tablesOf(first)) {
      const rows = rowsOf(first, table);
      assert.is(rows.length, 1, table);
      assert.equal(rowsOf(second, table), rows, `${table}, from file to file`);
      assert.equal(rowsOf(third, table), rows, `${table}, through memory`);
    }
    for (const connection of [first, second, third]) connection.close();
    for (const store of stores) await store.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test.run();
