import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** What tells this machine from others that may see the same file: its name, and where the system tells it, its boot. */
export function thisMachine(): string {
  return `${hostname()} ${bootId()}`;
}

/**
 * Whether two are the same. By its boot: containers of one machine have names of their own, and one kernel, which keeps SQLite's locks
 * for all of them. By its name: after a reboot it is the same machine all the same.
 */
export function isSameMachine(left: string, right: string): boolean {
  const [leftName, leftBoot] = left.split(' ');
  const [rightName, rightBoot] = right.split(' ');
  return leftName === rightName || (leftBoot !== '' && leftBoot === rightBoot);
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Only Linux tells it.
    return '';
  }
}
