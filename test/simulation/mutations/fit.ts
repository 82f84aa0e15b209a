import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mutations } from './all.ts';

/** The root of the repository, or of the copy that this runs in. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Planted bugs whose text is not there exactly once: the source has moved on, and they must follow. */
export async function textsThatDoNotFit(): Promise<readonly string[]> {
  const misfits: string[] = [];
  for (const { name, changes } of mutations) {
    for (const { file, find } of changes) {
      const count = (await readFile(join(root, file), 'utf8')).split(find).length - 1;
      if (count !== 1) misfits.push(`${name}: ${file} has ${count} of ${JSON.stringify(find)}`);
    }
  }
  return misfits;
}
