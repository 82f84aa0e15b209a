import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memory } from '../../../src/adapters/stores/memory.ts';
import { sqlite } from '../../../src/adapters/stores/sqlite.ts';
import type { StoreSite } from '../../../src/conformance.ts';

/** A place for a memory store: nothing. */
export function memorySite(): StoreSite {
  return { create: (clock) => memory({ clock }), remove: async () => undefined };
}

/** A place for an SQLite store: a folder of its own. */
export async function sqliteSite(): Promise<StoreSite> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-store-'));
  return {
    create: (clock) => sqlite(join(folder, 'store.db'), { clock }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
