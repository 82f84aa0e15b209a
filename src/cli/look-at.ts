import { type Stats, statSync } from 'node:fs';
import { UsageError } from './arguments/usage-error.ts';

/**
 * What is at a path that the user named, without opening it: to open a pipe may wait for ever. Undefined: nothing.
 *
 * @throws UsageError saying why it can't be looked at: links in a circle, a folder that is closed to this user.
 */
export function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') return undefined;
    throw new UsageError(`${JSON.stringify(path)} can't be looked at: ${message}`);
  }
}
