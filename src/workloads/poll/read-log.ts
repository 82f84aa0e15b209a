import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SetupContext } from '../../model/work.ts';
import { fetchBytes, maxFetchBytes } from '../input/fetch-bytes.ts';
import type { Listing } from './listing.ts';
import { type LogFacts, measureLog } from './measure-log.ts';
import { isUrl } from './source.ts';

/** All that workers see of the input. */
export interface PollSettings {
  /** The folder of the files, or the URL below which they are. */
  readonly files: string;
}

/** What one execution found out. */
export interface LogOutput extends LogFacts {
  readonly taskId: string;
}

/** The work of a poll: reads a log and measures it. */
export const readLog = {
  async each({ taskId, file }: Listing, { settings: { files }, signal }: SetupContext<PollSettings>): Promise<LogOutput> {
    const path = isUrl(files) ? file.split('/').map(encodeURIComponent).join('/') : join(files, file);
    const bytes = isUrl(files) ? await fetchBytes(new URL(path, files), signal) : await readBytes(path, signal);
    // A log may be listed before it is there.
    if (!bytes) throw Object.assign(new Error(`There is no ${file}.`), { code: 'file_missing' });
    return { taskId, ...measureLog(Buffer.from(bytes).toString('latin1')) };
  },
};

async function readBytes(path: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
  try {
    const found = await stat(path);
    // To read a pipe would be to wait for ever.
    if (!found.isFile() || found.size > maxFetchBytes) throw new Error(`${path} is no file of at most ${maxFetchBytes} bytes.`);
    return await readFile(path, { signal });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
