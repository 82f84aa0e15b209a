import { copyFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { ShadowStore } from '../../../../src/adapters/stores/shadow.ts';
import { sqlite } from '../../../../src/adapters/stores/sqlite.ts';
import type { Clock } from '../../../../src/model/clock.ts';
import type { Store } from '../../../../src/model/store.ts';

let template: Promise<string> | undefined;

async function makeTemplate(): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'millrace-shadow-')), 'empty.db');
  const store = sqlite(file);
  await store.open();
  await store.close();
  return file;
}

/** The path of an empty store's file, which is made once: making one costs 50 times a copy of it. */
export async function emptyFile(): Promise<string> {
  template ??= makeTemplate();
  return template;
}

/** Takes the file away. */
export async function removeTemplate(): Promise<void> {
  if (template !== undefined) await rm(join(await template, '..'), { recursive: true, force: true });
  template = undefined;
}

/** An SQLite store in a folder, on what is there already. */
export function sqliteIn(folder: string, name: string, clock: Clock, empty: string): Store {
  const file = join(folder, name);
  try {
    copyFileSync(empty, file, 1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return sqlite(file, { clock });
}

/** Lets time pass until a pair has copied all that it has marked. */
export async function settle(store: ShadowStore, clock: { advance(ms: number): void }): Promise<void> {
  for (let turns = 0; turns < 2_000 && (await store.status()).pending > 0; turns++) {
    clock.advance(5);
    await new Promise(setImmediate);
  }
  const { trouble, pending } = await store.status();
  assert.equal({ trouble, pending }, { trouble: null, pending: 0 }, 'the copy has come to an end');
}

/** Lets time pass until something slow is done. */
export async function passing<T>(clock: { advance(ms: number): void }, slow: Promise<T>): Promise<T> {
  let isOver = false;
  const over = slow.finally(() => {
    isOver = true;
  });
  // Told by the caller's own await.
  over.catch(() => undefined);
  while (!isOver) {
    clock.advance(5);
    await new Promise(setImmediate);
  }
  return over;
}
