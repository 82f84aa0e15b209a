import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorInfo } from '../../model/error-info.ts';
import type { Logger } from '../../model/logger.ts';
import type { Residue } from '../../model/residue.ts';
import { checkPrivate } from '../check-private.ts';
import { holdHostLock } from './hold-lock.ts';
import { sweepHostFolders } from './sweep.ts';
import { tempRoot } from './temp-root.ts';
import { writeWhereabouts } from './whereabouts.ts';

/** A host's folder that is open: its lock is held. */
export interface HostFolder extends Residue {
  /** Where children hold their locks. Undefined when there is no place for temp files: the host then works without. */
  readonly locks: string | undefined;
}

/**
 * Opens the folder of one boot of a host, for its user alone. In it lie the locks of the host and its children,
 * and the temp folders of its sessions.
 *
 * @param root - Where the folders of all hosts lie. @default one for each user, where the system has temp files
 */
export async function openHostFolder(logger: Logger, root: string = tempRoot()): Promise<HostFolder> {
  const name = randomUUID().slice(0, 8);
  const folder = join(root, name);
  const release = await lockFolder(root, folder, logger);
  return {
    root: folder,
    locks: release && folder,
    sweep: () => sweepHostFolders(root, name, logger),
    async close() {
      release?.();
      try {
        await rm(folder, { recursive: true, force: true });
      } catch (error) {
        logger.warn({ folder, error: errorInfo(error).message }, 'temp folder could not be removed');
      }
    },
  };
}

/** Undefined when it can't be done: a host without temp files can do all that needs none. */
async function lockFolder(root: string, folder: string, logger: Logger): Promise<(() => void) | undefined> {
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
    await checkPrivate(root);
    await mkdir(folder, { mode: 0o700 });
    const release = await holdHostLock(folder);
    // After the lock: where this is written and no lock is there, there was one.
    await writeWhereabouts(folder);
    return release;
  } catch (error) {
    logger.warn({ folder, error: errorInfo(error).message }, 'no folder for temp files');
    return undefined;
  }
}
