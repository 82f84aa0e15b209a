import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes that go to the disk together. As many again may be added while they are written. */
const flushBytes = 1024 * 1024;

/** A file that is written under another name in its folder, and takes its own name only when it is whole. */
export interface StagedFile {
  /** The name that it will have, with its folder. */
  readonly path: string;
  /** How many bytes were added so far. */
  readonly position: number;
  /** Whether there is enough to be written: time for a flush. */
  readonly isFull: boolean;
  /** Adds text (UTF-8) or bytes at the end. Bytes are kept until they are written: they must not change. */
  add(part: string | Uint8Array): void;
  /** Replaces one byte that was added before. */
  patch(position: number, byte: number): void;
  /** Begins to write what was added, once there is enough of it. Waits for what is still being written from before, and fails with it. */
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
  let patches: [position: number, byte: number][] = [];
  let writing: Promise<void> = Promise.resolve();

  /** Hands everything over to be written, while the next parts are added. */
  const writeOut = (): void => {
    const [bytes, begin, replaced] = [parts, written, patches];
    written += waiting;
    parts = [];
    waiting = 0;
    patches = [];
    writing = writing.then(async () => {
      await writeFully(handle, bytes, begin);
      for (const [position, byte] of replaced) await writeFully(handle, [Uint8Array.of(byte)], position);
    });
    // Who waits for it next hears of a failure.
    writing.catch(() => {});
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
    get isFull() {
      return waiting >= flushBytes;
    },
    patch: (position, byte) => void patches.push([position, byte]),
    async flush() {
      if (waiting < flushBytes) return;
      await writing;
      writeOut();
    },
    async seal() {
      writeOut();
      await writing;
      await handle.sync();
      await close();
    },
    async publish() {
      await rename(stagedPath, path);
      state = 'published';
    },
    async discard() {
      if (state === 'published') return;
      // What could not be written is thrown away with the rest.
      await writing.catch(() => {});
      await close();
      await rm(stagedPath, { force: true });
    },
  };
}

/** Makes the new names themselves last through a power cut. Windows has no such call. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes parts one after another, without putting them together first. One write may take only some of them, the last of those in part. */
async function writeFully(handle: FileHandle, parts: readonly Uint8Array[], begin: number): Promise<void> {
  let left = parts;
  for (let position = begin; left.length > 0; ) {
    const { bytesWritten } = await handle.writev(left, position);
    position += bytesWritten;
    left = behind(left, bytesWritten);
  }
}

/** What is left of parts when some bytes of them are done. */
function behind(parts: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let done = bytes;
  for (const [index, part] of parts.entries()) {
    if (done < part.length) return [part.subarray(done), ...parts.slice(index + 1)];
    done -= part.length;
  }
  return [];
}
