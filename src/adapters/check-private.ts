import { lstat } from 'node:fs/promises';

/**
 * Makes sure that nobody else can change what lies in a folder. It has a name that others can guess: one that they made
 * first, or a link, could lead anywhere.
 *
 * @throws Error when it is not this user's alone.
 */
export async function checkPrivate(folder: string): Promise<void> {
  const uid = process.getuid?.();
  if (uid === undefined) return;
  const found = await lstat(folder);
  const isOurs = found.uid === uid || found.uid === 0;
  // In a sticky folder, such as /tmp itself, others can't rename what is ours.
  const isClosed = (found.mode & 0o022) === 0 || (found.mode & 0o1000) !== 0;
  if (found.isDirectory() && isOurs && isClosed) return;
  throw new Error(`The folder for temp files, ${folder}, is not this user's alone. Remove it, or set TMPDIR to another place.`);
}
