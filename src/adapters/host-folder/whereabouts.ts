import { readFile, readlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

const file = 'where';

/** Writes into a host's folder where its pids are valid: containers may share a folder, and not their pids. */
export async function writeWhereabouts(folder: string): Promise<void> {
  await writeFile(join(folder, file), await whereabouts(), { mode: 0o600 });
}

/** Whether its host has written it. */
export async function hasWhereabouts(folder: string): Promise<boolean> {
  return (await read(folder)) !== undefined;
}

/** Whether pids of that folder's host mean the same processes here. */
export async function sharesPids(folder: string): Promise<boolean> {
  return (await read(folder)) === (await whereabouts());
}

async function read(folder: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, file), 'utf8');
  } catch {
    return undefined;
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
