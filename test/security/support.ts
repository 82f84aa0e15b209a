import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memory } from '../../src/adapters/stores/memory.ts';
import { sqlite } from '../../src/adapters/stores/sqlite.ts';
import type { Store } from '../../src/model/store.ts';

/** A folder of a test's own. */
export async function inFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-security-'));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each kind of store, empty and open, which several engines may use one after another: closing an engine leaves it open. */
export const storeKinds: readonly (readonly [name: string, make: (folder: string) => Store])[] = [
  ['memory', () => memory()],
  ['sqlite', (folder) => sqlite(join(folder, 'runs.db'))],
];

export async function withStore<T>(
  make: (folder: string) => Store,
  body: (store: Store, folder: string) => Promise<T>,
): Promise<T> {
  return inFolder(async (folder) => {
    const store = make(folder);
    await store.open();
    try {
      return await body({ ...store, open: async () => undefined, close: async () => undefined }, folder);
    } finally {
      await store.close();
    }
  });
}

/** What every object inherits, by name: nothing may ever be added to it. */
const inherited = Reflect.ownKeys(Object.prototype);

/** Fails when a payload has changed what every object inherits. */
export function checkPrototype(after: string): void {
  const added = Reflect.ownKeys(Object.prototype).filter((key) => !inherited.includes(key));
  if (added.length > 0 || ({} as { polluted?: unknown }).polluted !== undefined) {
    throw new Error(`Object.prototype has ${added.map(String).join(', ')} after ${after}`);
  }
}
