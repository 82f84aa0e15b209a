import { type BigIntStats, statSync } from 'node:fs';
import { MillraceError } from '../../../model/errors.ts';

/**
 * Notes which file lies at a path, and checks that it still does. Whoever has it open can go on writing to a file that was deleted
 * or replaced, without an error, and all of that is gone with the process. Looks by name only: opening it beside SQLite, and closing
 * it again, would drop the locks that this process holds on it.
 *
 * @returns throws MillraceError `STORE_LOST` when the file is not there any more.
 */
export function watchIdentity(path: string): () => void {
  const before = identityOf(path);
  return () => {
    const now = identityOf(path);
    if (now === before) return;
    const what = now === undefined ? 'was deleted or moved' : 'was replaced by another file';
    throw new MillraceError(
      'STORE_LOST',
      `SQLite store ${path} ${what} while it was open. Nothing more is written. Bring the file back, and create the engine again.`,
    );
  };
}

function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && nameOf(found);
}

/** On Windows an open file can't be replaced. */
function nameOf({ dev, ino }: BigIntStats): string {
  return process.platform === 'win32' ? 'there' : `${dev}:${ino}`;
}
