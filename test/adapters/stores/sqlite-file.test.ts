import { copyFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { leaseMs, newSession, sceneOf, startScene } from '../../../src/adapters/conformance/scene.ts';
import type { SqliteConnection } from '../../../src/adapters/stores/sqlite/driver.ts';
import { loadDriver } from '../../../src/adapters/stores/sqlite/load-driver.ts';
import { sqlite } from '../../../src/adapters/stores/sqlite.ts';
import { manualClock, type StoreWorld } from '../../../src/conformance.ts';
import type { SqliteDriverName } from '../../../src/drivers/load-sqlite.ts';
import type { MillraceError } from '../../../src/model/errors.ts';
import type { OwnerId } from '../../../src/model/ids.ts';
import type { Store } from '../../../src/model/store.ts';
import { suite } from '../../support/suite.ts';

const test = suite('the file of an SQLite store');

const driver = await loadDriver();

async function inFolder(body: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-file-'));
  try {
    await body(join(folder, 'store.db'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function withStore(path: string, body: (store: Store, world: StoreWorld) => Promise<void>): Promise<void> {
  const clock = manualClock();
  const store = sqlite(path, { clock });
  await store.open();
  const refuse = async (): Promise<Store> => {
    throw new Error('not in this test');
  };
  try {
    await body(store, { store, clock, reopen: refuse, second: refuse });
  } finally {
    await store.close();
  }
}

function connected<T>(path: string, body: (connection: SqliteConnection) => T): T {
  const connection = driver.connect(path);
  try {
    return body(connection);
  } finally {
    connection.close();
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: MillraceError) => error.code,
  );
}

test('can be read by its owner only, and so can what lies beside it', () =>
  inFolder((path) =>
    withStore(path, async (store) => {
      await store.registerOwner('host' as OwnerId, leaseMs);
      assert.is(statSync(path).mode & 0o777, 0o600);
      assert.is(statSync(`${path}-wal`).mode & 0o777, 0o600);
      assert.is(statSync(`${path}.owners`).mode & 0o777, 0o700);
      assert.is(statSync(`${path}.owners/host.lock`).mode & 0o777, 0o600);
    }),
  ));

test('is refused when a newer version wrote it', () =>
  inFolder(async (path) => {
    await withStore(path, async () => undefined);
    connected(path, (connection) => connection.exec('pragma user_version = 99'));
    assert.is(await codeOf(sqlite(path).open()), 'STORE_VERSION');
  }));

test('is refused when another program wrote it', () =>
  inFolder(async (path) => {
    connected(path, (connection) => connection.exec('create table batches (mine)'));
    assert.is(await codeOf(sqlite(path).open()), 'STORE_VERSION');
    assert.is(
      connected(path, (connection) => connection.prepare('select count(*) as n from sqlite_schema').get([])?.n),
      1,
    );
  }));

test('is refused when it is no database', () =>
  inFolder(async (path) => {
    const { writeFileSync } = await import('node:fs');
    writeFileSync(path, 'a letter to grandmother, long enough to be taken for a page header. '.repeat(20));
    assert.is(await codeOf(sqlite(path).open()), 'STORE_FAILED');
  }));

test('says what to install when no driver is there', async () => {
  const error = await loadDriver('no-such-driver' as SqliteDriverName).catch((caught: MillraceError) => caught);
  assert.is((error as MillraceError).code, 'DRIVER_MISSING');
  assert.match((error as MillraceError).message, 'npm install libsql');
});

test('must be a file: memory is what memory() is for', () => {
  assert.throws(() => sqlite(':memory:'), /memory\(\)/);
  assert.throws(() => sqlite(''), /path of a file/);
});

test('refuses options that do not exist, or can not be', () => {
  assert.throws(() => sqlite('store.db', { synchronus: 'full' } as never), /sqlite: synchronus must be an option that exists/);
  assert.throws(() => sqlite('store.db', { synchronous: 'off' as never }), /sqlite: synchronous must be one of/);
  assert.throws(() => sqlite('store.db', { driver: 'sqlite3' as never }), /sqlite: driver must be one of/);
});

test('can not be used before it is open', async () => {
  assert.is(await codeOf(sqlite('/nowhere/store.db').now()), 'STORE_FAILED');
});

test('says which file can not be opened', () =>
  inFolder(async (path) => {
    const error = await sqlite(join(path, 'missing', 'store.db'))
      .open()
      .catch((caught: Error) => caught);
    assert.match((error as Error).message, 'missing/store.db');
    assert.match((error as Error).message, 'folder must be there');
    assert.is((error as MillraceError).code, 'STORE_FAILED');
  }));

test('keeps no lock of an owner that left, or of a closed store', () =>
  inFolder(async (path) => {
    await withStore(path, async (store) => {
      await store.registerOwner('a' as OwnerId, leaseMs);
      await store.registerOwner('../b' as OwnerId, leaseMs);
      assert.equal(readdirSync(`${path}.owners`).sort(), ['%2E%2E%2Fb.lock', 'a.lock']);
      await store.removeOwner('a' as OwnerId);
      assert.equal(readdirSync(`${path}.owners`), ['%2E%2E%2Fb.lock']);
    });
    assert.equal(readdirSync(`${path}.owners`), []);
  }));

test('rolls a commit back as a whole when the driver fails in it', () =>
  inFolder((path) =>
    withStore(path, async (store, world) => {
      const scene = await startScene(world);
      await scene.enqueue(2);
      const [batch] = await scene.claim(1);
      const broken = { places: null, data: Symbol('no value') as unknown as string };
      const writes = [
        { number: 1, from: 'pending', to: 'cancelled', attempt: 0 },
        {
          number: 0,
          from: 'running',
          to: 'completed',
          attempt: 1,
          output: broken,
          ...(batch?.token ? { token: batch.token } : {}),
        },
      ] as const;
      assert.is(await codeOf(scene.commit({ writes })), 'STORE_FAILED');
      const batches = await store.listBatches({ sessionId: scene.id, limit: 9 });
      assert.equal(
        batches.map(({ state }) => state),
        ['running', 'pending'],
      );
      assert.is(await scene.write({ number: 1, from: 'pending', to: 'cancelled', attempt: 0 }), true);
    }),
  ));

test('holds a batch in at most 200 bytes beside its payload', () =>
  inFolder(async (path) => {
    const count = 5_000;
    await withStore(path, async (store, world) => {
      const scene = await startScene(world);
      await scene.enqueue(count, { hash: '0123456789abc' }, true);
      const prefix = '00000000-0000-4000-8000-0000';
      const tokens = Array.from({ length: count }, (_, number) => `${prefix}${number.toString().padStart(8, '0')}` as never);
      const { claimed } = await scene.commit({ claim: { tokens } });
      const writes = claimed.map(({ number, token }) => ({
        number,
        from: 'running' as const,
        to: 'completed' as const,
        attempt: 1,
        token: token as never,
        itemsCompleted: 1,
        ms: 1.25,
      }));
      const { written } = await scene.commit({ writes });
      assert.is(written.filter(Boolean).length, count);
      assert.is((await store.getSession(scene.id))?.counts.batches.completed, count);
    });
    assert.ok(statSync(path).size / count <= 200, `${statSync(path).size / count} bytes a batch`);
  }));

test('keeps NUL characters in keys and item ids', () =>
  inFolder((path) =>
    withStore(path, async (store, world) => {
      const session = newSession(1, { key: 'a\u0000b' });
      await store.createSession(session);
      assert.is((await store.findSession('sum', 'a\u0000b'))?.key, 'a\u0000b');
      assert.is((await sceneOf(world, session.id).session()).key, 'a\u0000b');
    }),
  ));

test('is the whole store when it was closed: what was in the log beside it is in the file', () =>
  inFolder(async (path) => {
    await withStore(path, async (store) => {
      await store.registerOwner('host' as OwnerId, leaseMs);
      await store.createSession(newSession(1));
    });
    const copy = `${path}.copy`;
    copyFileSync(path, copy);
    await withStore(copy, async (store) => assert.is((await store.listSessions({ limit: 10 })).length, 1));
  }));

test.run();
