import { existsSync } from 'node:fs';
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MillraceError } from '../../../model/errors.ts';
import { unzipFile } from '../../input/unzip-file.ts';
import { type InputPart, unreadable } from './parts.ts';
import { readTar, TarError } from './read-tar.ts';

/** Files that an archive may hold. */
const maxFiles = 10_000;

/**
 * Unpacks an archive into one file, in bounded memory: names in archives never become paths. What is there already of an earlier run is
 * used: the folder is named by the inputs.
 *
 * @returns The files of lines in the archive, in its order.
 * @throws MillraceError `NO_READABLE_INPUT`: no archive, a damaged one, one that unpacks to too much, or one without files of lines.
 */
export async function unpackArchive(file: string, name: string, folder: string, number: number): Promise<InputPart[]> {
  const target = join(folder, `${number}.unpacked`);
  const listing = `${target}.json`;
  if (existsSync(listing)) return JSON.parse(await readFile(listing, 'utf8')) as InputPart[];
  try {
    const parts = await unpack(file, name, target);
    if (parts.length === 0) throw unreadable(file, 'it holds no .jsonl or .json file');
    await writeFile(`${listing}.draft`, JSON.stringify(parts), { mode: 0o600 });
    await rename(`${listing}.draft`, listing);
    return parts;
  } catch (error) {
    await rm(target, { force: true });
    if (error instanceof MillraceError) throw error;
    throw error instanceof TarError ? unreadable(file, `its archive can't be read (${error.message})`, error) : error;
  }
}

async function unpack(file: string, name: string, target: string): Promise<InputPart[]> {
  const parts: { -readonly [Name in keyof InputPart]: InputPart[Name] }[] = [];
  const handle = await open(target, 'w', 0o600);
  try {
    let position = 0;
    await readTar(
      unzipFile(file, (why, cause) => unreadable(file, why, cause)),
      {
        begin({ name: inside, size }) {
          if (!/\.jsonl?$/i.test(inside)) return false;
          if (parts.length === maxFiles) throw unreadable(file, `it holds more than ${maxFiles} files`);
          parts.push({
            name: `${name}/${inside}`,
            path: target,
            begin: position,
            end: position + size,
            whole: /\.json$/i.test(inside),
          });
          return true;
        },
        async write(bytes) {
          for (let done = 0; done < bytes.length; ) {
            const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position);
            done += bytesWritten;
            position += bytesWritten;
          }
        },
      },
    );
    await handle.sync();
  } finally {
    await handle.close();
  }
  return parts;
}
