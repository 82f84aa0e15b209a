import { createRequire } from 'node:module';
import { MillraceError } from '../model/errors.ts';

/** Names of the drivers, in the order in which they are tried. */
export type SqliteDriverName = 'node:sqlite' | 'better-sqlite3' | 'libsql';

/** What the drivers' own statements have in common. */
export interface NativeStatement {
  run(...parameters: unknown[]): { changes: number | bigint };
  get(...parameters: unknown[]): unknown;
  all(...parameters: unknown[]): unknown[];
}

/** An open database file, as every driver has it. */
export interface NativeDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): NativeStatement;
  close(): void;
}

/** Opens a file, creating it when it is not there. */
export type NativeType = new (path: string) => NativeDatabase;

const ladder: readonly SqliteDriverName[] = ['node:sqlite', 'better-sqlite3', 'libsql'];

/**
 * Loads the first SQLite driver that works here, or the one that is asked for.
 *
 * @throws MillraceError `DRIVER_MISSING`, saying what to install.
 */
export async function loadSqlite(
  asked?: SqliteDriverName,
): Promise<{ readonly name: SqliteDriverName; readonly type: NativeType }> {
  const tried: string[] = [];
  let cause: unknown;
  for (const name of asked ? [asked] : ladder) {
    try {
      return { name, type: await importType(name) };
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
