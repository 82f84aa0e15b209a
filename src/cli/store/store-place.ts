import { closeSync, openSync, readSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sqlite } from '../../adapters/stores/sqlite.ts';
import type { Store } from '../../model/store.ts';
import { UsageError } from '../arguments/usage-error.ts';
import { lookAt } from '../look-at.ts';
import { shellWord } from '../terminal/words.ts';

/** Where a store is: nowhere that lasts, or in a file. */
export type StorePlace =
  | { readonly type: 'memory' }
  /** `name` is what a later command calls it: the folder, or `sqlite:FILE`. */
  | { readonly type: 'file'; readonly file: string; readonly name: string };

/** The file in an output folder that keeps the runs that wrote there. */
export function storeFileOf(folder: string): string {
  return join(folder, '.millrace', 'runs.db');
}

/**
 * Reads STORE: `memory`, `sqlite:FILE`, or the output folder of a run.
 *
 * @throws UsageError for anything that can't be one of them.
 */
export function readStorePlace(text: string): StorePlace {
  if (text === 'memory') return { type: 'memory' };
  if (text.startsWith('sqlite:')) {
    const file = text.slice('sqlite:'.length);
    if (file === '') throw new UsageError('sqlite: needs a file behind it, as in sqlite:runs.db.');
    return { type: 'file', file, name: text };
  }
  const kind = /^(\w{2,}):/.exec(text)?.[1];
  if (kind !== undefined) {
    throw new UsageError(`There are no ${kind}: stores; STORE is sqlite:FILE, or a folder (one of that name is ./${text}).`);
  }
  if (text === '') throw new UsageError('STORE is empty: give sqlite:FILE, or the output folder of a run.');
  if (lookAt(text)?.isFile()) {
    throw new UsageError(`${text} is a file. For a store in a file write sqlite:${shellWord(text)}.`);
  }
  return { type: 'file', file: storeFileOf(text), name: text };
}

/** The output folder that STORE means; null: it is not a folder. */
export function folderOfStore(text: string): string | null {
  const place = readStorePlace(text);
  return place.type === 'file' && !text.startsWith('sqlite:') ? text : null;
}

/** The store of an output folder, whatever the folder is called. */
export function placeInFolder(folder: string): StorePlace {
  const isPlain = folder !== 'memory' && !/^\w{2,}:/.test(folder);
  return { type: 'file', file: storeFileOf(folder), name: isPlain ? folder : `./${folder}` };
}

const header = 'SQLite format 3\0';

/**
 * A store that is there already, for looking into it or going on with it. Creates nothing.
 *
 * @throws UsageError when there is none.
 */
export function existingStore(text: string): Store {
  const place = readStorePlace(text);
  if (place.type === 'memory')
    throw new UsageError('memory keeps nothing behind the end of a run: there is nothing to look into.');
  const { file, name } = place;
  const found = lookAt(file);
  if (!found) {
    throw new UsageError(
      file === name.slice('sqlite:'.length)
        ? `There is no file ${resolve(file)}.`
        : `${name} holds no runs: there is no ${resolve(file)}. STORE is sqlite:FILE, or the output folder of a run.`,
    );
  }
  if (!found.isFile() || !beginsWithHeader(file)) throw new UsageError(`${file} is not a store: it is no SQLite file.`);
  return sqlite(file);
}

/** Looked at before this process opens the file: afterwards it would drop SQLite's locks. */
function beginsWithHeader(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(header.length);
    return readSync(descriptor, bytes, 0, bytes.length, 0) === bytes.length && bytes.toString('latin1') === header;
  } finally {
    closeSync(descriptor);
  }
}
