import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** In the folder of the reports, while there is a run that has not been told of. */
const fileIn = (out: string): string => join(out, '.untold');

/** Notes which session is to be told of in a folder. */
export async function noteRun(out: string, sessionId: string): Promise<void> {
  await mkdir(out, { recursive: true });
  await writeFile(fileIn(out), sessionId);
}

/** The session that was noted last, and not told of. */
export async function notedRun(out: string): Promise<string | undefined> {
  return existsSync(fileIn(out)) ? readFile(fileIn(out), 'utf8') : undefined;
}

/** The reports are written. */
export async function forgetRun(out: string): Promise<void> {
  await rm(fileIn(out), { force: true });
}
