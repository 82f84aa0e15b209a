import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What a host's own lock is called in its folder. */
export const hostLock = 'h';

/** What the lock of a host's child is called. */
export function childLock(pid: number): string {
  return `c${pid}`;
}

/** The pid in a child's lock name; undefined for other names. */
export function childPid(name: string): number | undefined {
  const [, digits] = /^c(\d+)$/.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * Where the lock of that name in a host's folder listens: a socket in the folder, on Windows a named pipe.
 * Either is closed by the system with its process, however that dies.
 */
export function lockPath(folder: string, name: string): string {
  return process.platform === 'win32' ? `\\\\.\\pipe\\millrace-${basename(folder)}-${name}` : join(folder, name);
}

/** Makes a child's lock known in the folder of its host, where it is not a file by itself. */
export function announceLock(folder: string, name: string): void {
  if (process.platform === 'win32') writeFileSync(join(folder, name), '');
}
