import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/** A file as it was when it was looked at. */
export interface FileStamp {
  readonly path: string;
  /** Undefined when it was not there. */
  readonly size: number | undefined;
  readonly mtimeMs: number | undefined;
}

/** Below the folder of the outputs. */
const workFolders = '.millrace';

/** Where a request keeps unpacked and sorted files while it runs: the same request finds them again after a crash. Makes nothing. */
export function workFolderOf(out: string, plan: unknown, files: readonly FileStamp[]): string {
  const hash = createHash('sha256').update(JSON.stringify(plan));
  for (const { path, size, mtimeMs } of files) hash.update(JSON.stringify([resolve(path), size, mtimeMs]));
  return join(workFoldersIn(out), hash.digest('hex').slice(0, 16));
}

/** The folder that holds the work folders of all requests into a folder. */
export function workFoldersIn(out: string): string {
  return join(resolve(out), workFolders);
}

/** Makes the folder of a request. Without a folder for outputs it is a new one, which nobody else finds. */
export async function openWorkFolder(files: readonly string[], out: string | undefined, plan: unknown): Promise<string> {
  if (out === undefined) return mkdtemp(join(tmpdir(), 'millrace-work-'));
  const folder = workFolderOf(out, plan, await Promise.all(files.map(see)));
  await mkdir(resolve(out), { recursive: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

async function see(path: string): Promise<FileStamp> {
  // Only a name for the folder is made of it: what can't be looked at is reported by who reads it.
  const seen = await stat(path).catch(() => undefined);
  return { path, size: seen?.size, mtimeMs: seen?.mtimeMs };
}

/** Removes the folder, and the one that holds such folders when it was the last. */
export async function removeWorkFolder(folder: string): Promise<void> {
  // A worker that was told to stop may still put a file there.
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  const parent = dirname(folder);
  if (basename(parent) !== workFolders) return;
  // Another request may use it, or make its own folder there right now: then it stays.
  const others = await readdir(parent).catch(() => undefined);
  if (others?.length === 0) await rmdir(parent).catch(() => undefined);
}
