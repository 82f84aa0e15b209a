import * as assert from 'uvu/assert';
import { loadDriver } from '../../../src/adapters/stores/sqlite/load-driver.ts';
import type { SqliteDriverName } from '../../../src/drivers/load-sqlite.ts';
import { MillraceError } from '../../../src/model/errors.ts';
import { suite } from '../../support/suite.ts';

const test = suite('bytes in SQLite rows');

const names: readonly SqliteDriverName[] = ['node:sqlite', 'better-sqlite3', 'libsql'];

/** Not every driver is there on every machine; one of them always is. */
async function hasDriver(name: SqliteDriverName): Promise<boolean> {
  return loadDriver(name).then(
    () => true,
    (error: unknown) => {
      if (error instanceof MillraceError && error.code === 'DRIVER_MISSING') return false;
      throw error;
    },
  );
}

test('come back as plain Uint8Arrays, from one row and from many', async () => {
  let tried = 0;
  for (const name of names) {
    if (!(await hasDriver(name))) continue;
    tried++;
    const connection = (await loadDriver(name)).connect(':memory:');
    const row = connection.prepare("select x'0102ff' as bytes, 'text' as text");
    for (const found of [row.get([]), ...row.all([])]) {
      assert.is(found?.text, 'text');
      assert.is(Object.getPrototypeOf(found?.bytes), Uint8Array.prototype, name);
      assert.equal(found?.bytes, new Uint8Array([1, 2, 255]));
    }
    connection.close();
  }
  assert.ok(tried > 0);
});

test.run();
