import { readFile, readlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

const file = 'where';

/** Writes into a host's folder where its pids are valid: containers may share a folder, and not their pids. */
export async function writeWhereabouts(folder: string): Promise<void> {
  await writeFile(join(folder, file), await whereabouts(), { mode: 0o600 });
}

/** Whether pids of that folder's host mean the same processes here. */
export async function sharesPids(folder: string): Promise<boolean> {
  try {
    return (await readFile(join(folder, file), 'utf8')) === (await whereabouts());
  } catch {
    return false;
  }
}

async function whereabouts(): Promise<string> {
  try {
    return await readlink('/proc/self/ns/pid');
  } catch {
    // No such link but on Linux.
    return hostname();
  }
}
