import { loadSqlite, type NativeDatabase, type SqliteDriverName } from '../../../drivers/load-sqlite.ts';
import type { SqliteConnection, SqliteDriver, SqliteRow, SqliteStatement, SqliteValue } from './driver.ts';

/**
 * Loads the first driver that works here, or the one that is asked for.
 *
 * @throws MillraceError `DRIVER_MISSING`, saying what to install.
 */
export async function loadDriver(asked?: SqliteDriverName): Promise<SqliteDriver> {
  const { name, type } = await loadSqlite(asked);
  return { name, connect: (path) => connection(new type(path), name !== 'node:sqlite') };
}

function connection(database: NativeDatabase, takesLists: boolean): SqliteConnection {
  return {
    exec(sql) {
      database.exec(sql);
    },
    prepare: (sql) => statement(database, sql, takesLists),
    close: () => database.close(),
  };
}

/**
 * Drivers differ in whether `?1` can be bound by place, so they never see it: each `?N` becomes a `?` of its own.
 * Statements with plain `?` only take their parameters as they come. A blob that is the only parameter goes in a list where the
 * driver takes one: libsql reads it as the list itself, and ends the process.
 */
function statement(database: NativeDatabase, sql: string, takesLists: boolean): SqliteStatement {
  const order: number[] = [];
  const native = database.prepare(
    sql.replace(/\?(\d+)/g, (_, place: string) => {
      order.push(Number(place) - 1);
      return '?';
    }),
  );
  const placed = (parameters: readonly SqliteValue[]): readonly unknown[] => {
    const inOrder = order.length === 0 ? parameters : order.map((index) => parameters[index] as SqliteValue);
    return takesLists && inOrder.length === 1 && inOrder[0] instanceof Uint8Array ? [inOrder] : inOrder;
  };
  return {
    run: (parameters) => Number(native.run(...placed(parameters)).changes),
    get: (parameters) => {
      const row = native.get(...placed(parameters)) as Record<string, unknown> | undefined;
      return row && withBytes(row);
    },
    all: (parameters) => (native.all(...placed(parameters)) as Record<string, unknown>[]).map(withBytes),
  };
}

/**
 * Blobs come as Buffers or ArrayBuffers, by driver and call: rows always have plain Uint8Arrays. A Buffer is not one of them:
 * its `toString` and `slice` mean something else.
 */
function withBytes(row: Record<string, unknown>): SqliteRow {
  for (const name in row) {
    const value = row[name];
    if (value instanceof ArrayBuffer) row[name] = new Uint8Array(value);
    else if (Buffer.isBuffer(value)) row[name] = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  return row as SqliteRow;
}
