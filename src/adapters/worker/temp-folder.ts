import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { checkPrivate } from '../check-private.ts';

/** A folder that is made when first asked for, for its owner's eyes only. */
export function lazyFolder(path: string): () => Promise<string> {
  let made: Promise<string> | undefined;
  return () => {
    made ??= make(path);
    return made;
  };
}

async function make(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const above = dirname(path);
  await checkPrivate(above);
  await checkPrivate(dirname(above));
  return path;
}
