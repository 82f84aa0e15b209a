import { readdir } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from '../../model/logger.ts';
import { childPid, lockPath } from './lock-path.ts';
import { probeLock } from './probe-lock.ts';
import { sharesPids } from './whereabouts.ts';

/** How long killed children may take to be gone. One that waits for a disk that hangs can't be killed. */
const goneMs = 10_000;
const askEveryMs = 20;

/**
 * Ends the children of a dead host. They end by themselves when they see that it is dead; one that was stopped does not see it.
 *
 * @returns whether all are gone.
 */
export async function endChildren(folder: string, logger: Logger): Promise<boolean> {
  const names = (await readdir(folder)).filter((name) => childPid(name) !== undefined);
  if (names.length === 0) return true;
  const mayKill = await sharesPids(folder);
  const until = performance.now() + goneMs;
  const gone = await Promise.all(names.map((name) => endChild(folder, name, mayKill, until)));
  const left = names.filter((_, index) => !gone[index]);
  if (left.length > 0)
    logger.error({ folder, children: left.map(childPid) }, 'children of a dead host still run and could not be ended');
  return left.length === 0;
}

async function endChild(folder: string, name: string, mayKill: boolean, until: number): Promise<boolean> {
  while ((await probeLock(lockPath(folder, name))) === 'held') {
    if (performance.now() > until) return false;
    // The lock is held by the process that made it, and its name is that process's pid: no other process can be hit.
    if (mayKill) kill(childPid(name) as number);
    await setTimeout(askEveryMs);
  }
  return true;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
