import { createRequire } from 'node:module';
import { MillraceError } from '../../../model/errors.ts';
import type { SqliteConnection, SqliteDriver, SqliteDriverName, SqliteRow, SqliteStatement, SqliteValue } from './driver.ts';

/** What the drivers' own statements have in common. */
interface NativeStatement {
  run(...parameters: unknown[]): { changes: number | bigint };
  get(...parameters: unknown[]): unknown;
  all(...parameters: unknown[]): unknown[];
}

interface NativeDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): NativeStatement;
  close(): void;
}

type NativeType = new (path: string) => NativeDatabase;

const ladder: readonly SqliteDriverName[] = ['node:sqlite', 'better-sqlite3', 'libsql'];

/**
 * Loads the first driver that works here, or the one that is asked for.
 *
 * @throws MillraceError `DRIVER_MISSING`, saying what to install.
 */
export async function loadDriver(asked?: SqliteDriverName): Promise<SqliteDriver> {
  const tried: string[] = [];
  let cause: unknown;
  for (const name of asked ? [asked] : ladder) {
    try {
      const type = await importType(name);
      return { name, connect: (path) => connection(new type(path), name !== 'node:sqlite') };
    } catch (error) {
      cause = error;
      tried.push(`${name}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  throw new MillraceError(
    'DRIVER_MISSING',
    `No SQLite driver could be loaded (${tried.join('; ')}). Use Node 22.13 or newer, or install one: ` +
      'npm install libsql (needs no compiler) or npm install better-sqlite3 (version 12 on Node 20).',
    { cause },
  );
}

async function importType(name: SqliteDriverName): Promise<NativeType> {
  if (name === 'node:sqlite') checkNodeVersion();
  if (name === 'better-sqlite3') checkNativeInterface();
  // A name in a variable: bundlers and the compiler leave it alone, since none of the three needs to be there.
  const module = (await import(name)) as { DatabaseSync?: NativeType; default?: NativeType };
  const type = name === 'node:sqlite' ? module.DatabaseSync : module.default;
  if (typeof type !== 'function') throw new Error('it exports no database type');
  return type;
}

/** Before 22.13 it is absent, or hidden behind a flag. */
function checkNodeVersion(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 13)) throw new Error(`Node ${process.versions.node} has none`);
}

/** Its version 13 needs Node-API 10 and kills the process with a segmentation fault where that is missing (Node 20). */
function checkNativeInterface(): void {
  const { version } = createRequire(import.meta.url)('better-sqlite3/package.json') as { version: string };
  if (Number.parseInt(version, 10) >= 13 && Number(process.versions.napi) < 10) {
    throw new Error(`version ${version} needs Node-API 10; Node ${process.versions.node} has ${process.versions.napi}`);
  }
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
