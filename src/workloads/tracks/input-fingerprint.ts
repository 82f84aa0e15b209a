import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import type { Run, SourceFile } from './history.ts';

/** Bytes at either end of a file that are looked at. */
const endBytes = 4_096;

/**
 * What the input is: size, time of change and a hash of both ends of each file, and the options. Compared before a session is resumed.
 *
 * @throws The file system's error when a file is not there any more.
 */
export async function fingerprintRuns(runs: readonly (Run | SourceFile)[], plan: unknown): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(plan));
  for (const run of runs) {
    hash.update(JSON.stringify(run.type === 'columns' ? run : { ...run, ...(await fileEnds(run.file)) }));
  }
  return hash.digest('hex');
}

async function fileEnds(file: string): Promise<Record<string, unknown>> {
  const { size, mtimeMs } = await stat(file);
  const handle = await open(file, 'r');
  try {
    const hash = createHash('sha256');
    for (const position of [0, Math.max(0, size - endBytes)]) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(endBytes), 0, endBytes, position);
      hash.update(buffer.subarray(0, bytesRead));
    }
    return { file, size, mtimeMs, ends: hash.digest('hex') };
  } finally {
    await handle.close();
  }
}
