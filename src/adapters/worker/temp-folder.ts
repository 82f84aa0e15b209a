import { lstat, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

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
  await checkPrivate(dirname(path));
  return path;
}

/** The folder above has a name that others can guess: one that they made first, or a link, could lead anywhere. */
async function checkPrivate(root: string): Promise<void> {
  const uid = process.getuid?.();
  if (uid === undefined) return;
  const found = await lstat(root);
  const isOurs = found.uid === uid || found.uid === 0;
  // In a sticky folder, such as /tmp itself, others can't rename what is ours.
  const isClosed = (found.mode & 0o022) === 0 || (found.mode & 0o1000) !== 0;
  if (found.isDirectory() && isOurs && isClosed) return;
  throw new Error(`The folder for temp files, ${root}, is not this user's alone. Remove it, or set TMPDIR to another place.`);
}
