import { accessSync, constants, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { memory } from '../../adapters/stores/memory.ts';
import { loadDriver } from '../../adapters/stores/sqlite/load-driver.ts';
import { sqlite } from '../../adapters/stores/sqlite.ts';
import type { Clock } from '../../model/clock.ts';
import { MillraceError } from '../../model/errors.ts';
import type { Store } from '../../model/store.ts';
import { UsageError } from '../arguments/usage-error.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { placeInFolder, readStorePlace, type StorePlace } from './store-place.ts';

/** The store of a run, and what a later command calls it; null: it ends with the run. */
export interface RunStore {
  readonly store: Store;
  readonly name: string | null;
  /** Makes the same store with another clock, instead of `store`. Of a store in memory, another one. */
  withClock(clock: Clock): Store;
}

/**
 * The store that a run is kept in: the one that was asked for, else the one in its output folder, else memory.
 * Where no SQLite driver is installed, a store that nobody asked for by name is memory, and the watcher is told.
 *
 * @throws MillraceError `DRIVER_MISSING` for a store that was asked for.
 */
export async function openRunStore(asked: string | undefined, out: string | undefined, terminal: Terminal): Promise<RunStore> {
  if (out !== undefined) makeOutFolder(out);
  const place = placeOf(asked, out);
  if (place.type === 'memory') return inMemory();
  const missing = await missingDriver();
  if (missing && asked !== undefined) throw missing;
  if (missing) {
    terminal.note('This run is kept in memory only, so it could not be resumed after a crash: no SQLite is installed here.');
    terminal.note('To keep runs, use Node 22.13 or newer, or run: npm install libsql');
    return inMemory();
  }
  const { file, name } = place;
  makeFolderOf(file);
  return { store: sqlite(file), name, withClock: (clock) => sqlite(file, { clock }) };
}

function inMemory(): RunStore {
  return { store: memory(), name: null, withClock: (clock) => memory({ clock }) };
}

function placeOf(asked: string | undefined, out: string | undefined): StorePlace {
  if (asked !== undefined) return readStorePlace(asked);
  return out === undefined ? { type: 'memory' } : placeInFolder(out);
}

function makeOutFolder(out: string): void {
  try {
    mkdirSync(out, { recursive: true });
    accessSync(out, constants.W_OK);
  } catch (error) {
    throw new UsageError(`--out takes a folder that can be written; ${out} is none: ${(error as Error).message}.`);
  }
}

async function missingDriver(): Promise<MillraceError | undefined> {
  try {
    await loadDriver();
    return undefined;
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'DRIVER_MISSING') return error;
    throw error;
  }
}

/** The store's own folder is for its owner only; folders above it are like any other. */
function makeFolderOf(file: string): void {
  const folder = dirname(file);
  mkdirSync(dirname(folder), { recursive: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}
