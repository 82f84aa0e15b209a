import { mkdir } from 'node:fs/promises';
import { type StagedFile, stageFile, syncFolder } from './staged-file.ts';

/** Adds texts to a file, many at once; bytes are UTF-8. */
export interface TextFile {
  add(text: string | Uint8Array): void;
  /** Hands over what was added, once there is enough of it: called now and then, it bounds the memory. */
  flush(): Promise<void>;
}

/** Units of text, or bytes, that are handed over together. */
const fullAt = 65_536;

/**
 * Writes files of text into a folder, which is made if it is missing. Each is written whole, under another name, and synced, before the
 * first one takes its place: when anything fails before that, the folder is as it was. They take their places in the order of their names.
 *
 * @throws What the file system or `write` threw.
 */
export async function writeFiles<Result>(
  folder: string,
  names: readonly string[],
  write: (files: readonly TextFile[]) => Promise<Result>,
): Promise<Result> {
  await mkdir(folder, { recursive: true });
  const staged: StagedFile[] = [];
  try {
    for (const name of names) staged.push(await stageFile(folder, name));
    const texts = staged.map(textFile);
    const result = await write(texts);
    for (const { end } of texts) end();
    for (const file of staged) await file.seal();
    for (const file of staged) await file.publish();
    await syncFolder(folder);
    return result;
  } catch (error) {
    // What went wrong first is what the caller must see; a file that could not be removed still has `.tmp-` in its name.
    await Promise.allSettled(staged.map((file) => file.discard()));
    throw error;
  }
}

function textFile(file: StagedFile): TextFile & { end(): void } {
  let parts: (string | Uint8Array)[] = [];
  let length = 0;
  const end = (): void => {
    const isText = parts.every((part) => typeof part === 'string');
    file.add(isText ? parts.join('') : Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))));
    parts = [];
    length = 0;
  };
  return {
    add(text) {
      parts.push(text);
      length += text.length;
    },
    async flush() {
      if (length < fullAt) return;
      end();
      if (file.isFull) await file.flush();
    },
    end,
  };
}
