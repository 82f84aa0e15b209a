import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes held back before they go to the disk together. */
const flushBytes = 256 * 1024;

/** A file that is written under another name in its folder, and takes its own name only when it is whole. */
export interface StagedFile {
  /** The name that it will have, with its folder. */
  readonly path: string;
  /** How many bytes were added so far. */
  readonly position: number;
  /** Adds text (UTF-8) or bytes at the end. Bytes are kept until the next flush: they must not change. */
  add(part: string | Uint8Array): void;
  /** Replaces one byte that was added before. */
  patch(position: number, byte: number): void;
  /** Writes what was added, once there is enough of it. */
  flush(): Promise<void>;
  /** Writes everything, syncs it to the disk and closes the file. */
  seal(): Promise<void>;
  /** Takes the place of the file of that name. Only once sealed. */
  publish(): Promise<void>;
  /** Removes what was staged. Does nothing once published. */
  discard(): Promise<void>;
}

/**
 * Begins a file beside the one that it is to replace. Its mode is that of any new file, by the process's umask.
 *
 * @throws The file system's error when the folder can't be written.
 */
export async function stageFile(folder: string, name: string): Promise<StagedFile> {
  const path = join(folder, name);
  const stagedPath = `${path}.tmp-${randomUUID()}`;
  const handle = await open(stagedPath, 'wx');
  let state: 'open' | 'closed' | 'published' = 'open';
  let parts: Uint8Array[] = [];
  let waiting = 0;
  let written = 0;
  const patches = new Map<number, number>();

  const writeOut = async (): Promise<void> => {
    // Small parts go together; large ones as they are, since a copy would double them in memory.
    const pieces = waiting <= 4 * flushBytes ? [Buffer.concat(parts, waiting)] : parts;
    parts = [];
    waiting = 0;
    for (const piece of pieces) {
      await writeFully(handle, piece, written);
      written += piece.length;
    }
    for (const [position, byte] of patches) await writeFully(handle, Uint8Array.of(byte), position);
    patches.clear();
  };
  const close = async (): Promise<void> => {
    if (state !== 'open') return;
    state = 'closed';
    await handle.close();
  };

  return {
    path,
    get position() {
      return written + waiting;
    },
    add(part) {
      const bytes = typeof part === 'string' ? Buffer.from(part) : part;
      parts.push(bytes);
      waiting += bytes.length;
    },
    patch: (position, byte) => void patches.set(position, byte),
    async flush() {
      if (waiting >= flushBytes) await writeOut();
    },
    async seal() {
      await writeOut();
      await handle.sync();
      await close();
    },
    async publish() {
      await rename(stagedPath, path);
      state = 'published';
    },
    async discard() {
      if (state === 'published') return;
      await close();
      await rm(stagedPath, { force: true });
    },
  };
}

/** One `write` may take only a part of the bytes. */
async function writeFully(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
