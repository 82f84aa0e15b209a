import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorInfo } from '../../model/error-info.ts';
import type { Logger } from '../../model/logger.ts';
import { endChildren } from './end-children.ts';
import { childPid, hostLock, lockPath } from './lock-path.ts';
import { probeLock } from './probe-lock.ts';
import { hasWhereabouts } from './whereabouts.ts';

/** A folder that never had a lock is one that is being made, or whose making was cut short. */
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
    // A child that was just beginning when its host died may put its lock there while the folder is emptied.
    if (await endChildren(folder, logger)) await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  } catch (error) {
    // Another host was faster.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    logger.warn({ folder, error: errorInfo(error).message }, 'what a dead host left could not be removed');
  }
}

async function isLeft(folder: string): Promise<boolean> {
  // Asked before the lock: a host that is just beginning holds that before it says where it is.
  const hadLock = await hasWhereabouts(folder);
  const state = await probeLock(lockPath(folder, hostLock));
  // A process that ends in order takes the name of its socket away.
  if (state !== 'absent') return state === 'free';
  // Children come after the host's lock: a removal that was cut short may have left them alone.
  const hasChildren = (await readdir(folder)).some((name) => childPid(name) !== undefined);
  return hadLock || hasChildren || Date.now() - (await stat(folder)).mtimeMs > unlockedMs;
}
