import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { first, leaseMs, otherHost, sceneOf, sessionIdOf } from '../../../src/adapters/conformance/scene.ts';
import type { SqliteRow } from '../../../src/adapters/stores/sqlite/driver.ts';
import { loadDriver } from '../../../src/adapters/stores/sqlite/load-driver.ts';
import { migrations } from '../../../src/adapters/stores/sqlite/schema.ts';
import { sqlite } from '../../../src/adapters/stores/sqlite.ts';
import { manualClock } from '../../../src/conformance.ts';
import type { Store } from '../../../src/model/store.ts';
import { suite } from '../../support/suite.ts';

const test = suite('a file of an older version');

const driver = await loadDriver();
const sql = readFileSync(new URL('./version-1.sql', import.meta.url), 'utf8');

async function withOldFile(body: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-migration-'));
  const path = join(folder, 'store.db');
  const connection = driver.connect(path);
  connection.exec(sql);
  connection.close();
  try {
    await body(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function withStore(path: string, body: (store: Store) => Promise<void>): Promise<void> {
  const clock = manualClock();
  clock.advance(leaseMs);
  const store = sqlite(path, { clock });
  await store.open();
  try {
    await body(store);
  } finally {
    await store.close();
  }
}

function ask(path: string, question: string): readonly SqliteRow[] {
  const connection = driver.connect(path);
  try {
    return connection.prepare(question).all([]);
  } finally {
    connection.close();
  }
}

const id = sessionIdOf(1);

async function refuse(): Promise<Store> {
  throw new Error('not in this test');
}

test('is brought up to date when it is opened, and what it held is there', () =>
  withOldFile(async (path) => {
    await withStore(path, async (store) => {
      const session = await store.getSession(id);
      assert.equal([session?.state, session?.takeovers, session?.counters], ['running.streaming', 0, { words: 3 }]);
      const batches = await store.listBatches({ sessionId: id, limit: 9 });
      assert.equal(
        batches.map(({ state, hostDeaths, isolation, before, after }) => [state, hostDeaths, isolation, before, after]),
        ['completed', 'failed.dead', 'running', 'pending'].map((state) => [state, 0, null, 0, 0]),
      );
      const letters = await store.listDeadLetters({ sessionId: id, after: 0, limit: 9 });
      assert.equal(
        letters.map(({ itemId, place }) => [itemId, place]),
        [['x', 1]],
      );
    });
    assert.is(ask(path, 'pragma user_version')[0]?.user_version, migrations.length);
  }));

test('goes on where it stood: its batches are rescued, run and completed, and it is replayed', () =>
  withOldFile(async (path) => {
    await withStore(path, async (store) => {
      await store.registerOwner(otherHost, leaseMs);
      assert.is(await store.rescue(9), 1);
      assert.is((await store.adoptSession(id, otherHost))?.takeovers, 1);
      const scene = sceneOf({ store, clock: manualClock(), reopen: refuse, second: refuse }, id);
      const epoch = 2;
      const decide = { number: 2, from: 'crashed.deciding', to: 'pending', attempt: 0 } as const;
      await scene.commit({ epoch, writes: [decide] });
      for (const batch of await scene.claim(2, otherHost)) {
        assert.is(await scene.settle(batch, 'completed', { itemsCompleted: 2 }), true);
      }
      await scene.commit({ epoch, enqueue: { batches: [], position: { chunks: 4, items: 8, ended: true } } });
      await scene.move('running.streaming', 'running.draining', { epoch });
      assert.is(await scene.move('running.draining', 'finalizing', { epoch, requireNothingOpen: true }), true);
      await scene.move('finalizing', 'completed', { epoch, result: '1' });
      const open = { number: 1, from: 'failed.dead', to: 'pending', attempt: 0, takeBack: [1] } as const;
      assert.is((await store.replaySession({ id, owner: otherHost, batches: [open] }))?.generation, 2);
      assert.is(first(await scene.claim(1, otherHost)).number, 1);
      assert.equal((await scene.session()).counts.items, { total: 8, completed: 7, failed: 0, cancelled: 0 });
    });
  }));

test('shows in its views what it shows in a new file', () =>
  withOldFile(async (path) => {
    await withStore(path, async (store) => {
      await store.registerOwner(otherHost, leaseMs);
      await store.rescue(9);
    });
    const rows = ask(path, 'select number, state, host_deaths, isolating from batches_view order by number');
    assert.equal(
      rows.map(({ number, state, host_deaths, isolating }) => [number, state, host_deaths, isolating]),
      [
        [0, 'completed', 0, null],
        [1, 'failed.dead', 0, null],
        [2, 'crashed.deciding', 1, null],
        [3, 'pending', 0, null],
      ],
    );
    const shown = `select name, sql from sqlite_schema where type = 'view' order by name`;
    const fresh = `${path}.new`;
    await withStore(fresh, async () => undefined);
    assert.equal(ask(path, shown), ask(fresh, shown));
  }));

test.run();
