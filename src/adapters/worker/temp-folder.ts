import { mkdir } from 'node:fs/promises';

/** A folder that is made when first asked for, for its owner's eyes only. */
export function lazyFolder(path: string): () => Promise<string> {
  let made: Promise<string> | undefined;
  return () => {
    made ??= mkdir(path, { recursive: true, mode: 0o700 }).then(() => path);
    return made;
  };
}
