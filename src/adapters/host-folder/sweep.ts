import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorInfo } from '../../model/error-info.ts';
import type { Logger } from '../../model/logger.ts';
import { endChildren } from './end-children.ts';
import { hostLock, lockPath } from './lock-path.ts';
import { probeLock } from './probe-lock.ts';

/** A folder without a lock is one that is being made, or whose making was cut short. */
const unlockedMs = 86_400_000;

/**
 * Looks at the folders of all hosts under a root. Of those whose host is dead, ends the children and removes the folder.
 * What can't be done is logged, and left for the next time.
 *
 * @param own - Name of the folder that is ours.
 */
export async function sweepHostFolders(root: string, own: string, logger: Logger): Promise<void> {
  try {
    const names = await readdir(root);
    await Promise.all(names.map((name) => (name === own ? undefined : sweepOne(join(root, name), logger))));
  } catch (error) {
    logger.warn({ folder: root, error: errorInfo(error).message }, 'folders of dead hosts could not be looked for');
  }
}

async function sweepOne(folder: string, logger: Logger): Promise<void> {
  try {
    if (!(await isLeft(folder))) return;
    if (await endChildren(folder, logger)) await rm(folder, { recursive: true, force: true });
  } catch (error) {
    // Another host was faster.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    logger.warn({ folder, error: errorInfo(error).message }, 'what a dead host left could not be removed');
  }
}

async function isLeft(folder: string): Promise<boolean> {
  const state = await probeLock(lockPath(folder, hostLock));
  // A named pipe exists before its folder does, and is absent only when its host is dead.
  if (state !== 'absent' || process.platform === 'win32') return state !== 'held';
  return Date.now() - (await stat(folder)).mtimeMs > unlockedMs;
}
