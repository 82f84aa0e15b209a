import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** Whether a process still runs. One that is dead, and whose parent has not asked for its code yet, does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== 'linux') return true;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^Z/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** Resolves when a process is gone. The test's own time limit is the limit. */
export async function whenGone(pid: number): Promise<void> {
  while (isRunning(pid)) await setTimeout(10);
}
