import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

/** A file as it was when it was looked at. */
export interface SeenFile {
  /** Absolute. */
  readonly path: string;
  /** Null: there is no file of that name that can be read. */
  readonly size: number | null;
  readonly mtimeMs: number | null;
}

/** Looks at a file, without opening it. */
export async function lookAt(file: string): Promise<SeenFile> {
  const path = resolve(file);
  // Whatever is wrong with it, it can't be read: that is what is said of it when its turn comes.
  const seen = await stat(path).catch(() => undefined);
  return seen?.isFile() ? { path, size: seen.size, mtimeMs: seen.mtimeMs } : { path, size: null, mtimeMs: null };
}

/** What a file is, in a few words. */
export function fingerprintOf({ path, size, mtimeMs }: SeenFile): string {
  return `${path} ${size} ${mtimeMs}`;
}
