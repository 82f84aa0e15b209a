import { open, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { type InputPart, unreadable } from './parts.ts';
import { unpackArchive } from './unpack-archive.ts';

/**
 * Looks at the files, and unpacks archives into the folder. A gzip file is an archive (.tgz), a `.json` file is one record, any other
 * file has a record a line.
 *
 * @throws MillraceError `NO_READABLE_INPUT` naming the file and saying why.
 */
export async function inspectInputs(files: readonly string[], folder: string): Promise<InputPart[]> {
  const names = shortNames(files);
  const parts: InputPart[] = [];
  for (const [number, file] of files.entries()) {
    const name = names[number] ?? file;
    const { size, isGzip } = await lookAt(file);
    if (isGzip) parts.push(...(await unpackArchive(file, name, folder, number)));
    else parts.push({ name, path: resolve(file), begin: 0, end: size, whole: /\.json$/i.test(file) });
  }
  return parts;
}

/** The file of references: a line each. */
export async function inspectReferences(file: string): Promise<InputPart> {
  const { size, isGzip } = await lookAt(file);
  if (isGzip) throw unreadable(file, 'references must be lines of JSON; unpack it first');
  return { name: basename(file), path: resolve(file), begin: 0, end: size, whole: false };
}

async function lookAt(file: string): Promise<{ size: number; isGzip: boolean }> {
  try {
    // Looked at before it is opened: to open a pipe without a writer would wait for ever.
    if (!(await stat(file)).isFile()) throw unreadable(file, 'it is not a regular file');
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
      return { size, isGzip: buffer[0] === 0x1f && buffer[1] === 0x8b };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof Error && 'errno' in error ? unreadable(file, error.message, error) : error;
  }
}

/** File names without folders, where they differ; else as they were given. */
function shortNames(files: readonly string[]): readonly string[] {
  const names = files.map((file) => basename(file));
  return new Set(names).size === names.length ? names : files;
}
