import { mkdtempSync, openSync, rmdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Opens a file without a name, for its owner alone: nobody else can open it, and it is gone with the last process that has it open.
 *
 * @returns its number. Who has it must close it.
 */
export function openNamelessFile(): number {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-note-'));
  const path = join(folder, 'note');
  try {
    const file = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    return file;
  } finally {
    rmdirSync(folder);
  }
}
