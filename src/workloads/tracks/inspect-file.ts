import { createWriteStream, existsSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, gunzipSync } from 'node:zlib';
import { unzipFile } from '../input/unzip-file.ts';
import { FormatError, formatError } from './formats/format-reader.ts';
import { type Recognised, recognise } from './formats/recognise.ts';
import type { CsvRun, SourceFile } from './history.ts';
import { openProbe } from './probe-run.ts';
import { unreadable } from './run-error.ts';

/** Bytes at the beginning of a file that show what it is. */
const headBytes = 65_536;

/**
 * Looks into a file and finds out how it is to be read. What it is shows in its contents, not in its name. CSV that is packed by gzip is unpacked into the folder first.
 *
 * @throws MillraceError `NO_READABLE_INPUT` naming the file and saying why: missing, empty, no known format, columns missing, damaged gzip.
 */
export async function inspectFile(file: string, folder: string, number: number, device?: string): Promise<SourceFile> {
  const seen = await readHead(file, file);
  const packed = isGzip(seen.head);
  const kind = recogniseHead(file, seen.head, device);
  if (kind.format !== 'csv') {
    return { type: 'whole', format: kind.format, file: resolve(file), size: seen.size, mtimeMs: seen.mtimeMs, packed };
  }
  const path = packed ? await unpack(file, join(folder, `${number}.csv`)) : file;
  const { size, mtimeMs } = packed ? await readHead(path, file) : seen;
  return { type: 'csv', file: resolve(path), size, mtimeMs, layout: kind.layout };
}

/**
 * Looks at the beginning of a file only, and writes nothing: refuses at once what {@link inspectFile} would refuse for it.
 *
 * @throws MillraceError `NO_READABLE_INPUT` naming the file and saying why.
 */
export async function checkReadable(file: string, device?: string): Promise<void> {
  const { head } = await readHead(file, file);
  recogniseHead(file, head, device);
}

function recogniseHead(file: string, head: Uint8Array, device: string | undefined): Recognised {
  const kind = recognise(isGzip(head) ? unpackHead(file, head) : head, device);
  if (typeof kind === 'string') throw unreadable(file, kind);
  return kind;
}

/** As much as the head of a packed file holds. */
function unpackHead(file: string, head: Uint8Array): Uint8Array {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, headBytes);
  } catch (error) {
    throw unreadable(file, `it is a damaged gzip file (${(error as Error).message})`, error);
  }
}

interface Seen {
  readonly head: Uint8Array;
  readonly size: number;
  readonly mtimeMs: number;
}

async function readHead(path: string, file: string): Promise<Seen> {
  try {
    const kind = await stat(path);
    if (kind.isDirectory()) throw unreadable(file, 'it is a folder');
    // Looked at before it is opened: to open a pipe without a writer would wait for ever.
    if (!kind.isFile()) throw unreadable(file, 'it is not a regular file; a stream must be saved as a file first');
    const handle = await open(path, 'r');
    try {
      const info = await handle.stat();
      if (info.size === 0) throw unreadable(file, 'it is empty');
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
      return { head: buffer.subarray(0, bytesRead), size: info.size, mtimeMs: info.mtimeMs };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof Error && 'errno' in error ? unreadable(file, error.message, error) : error;
  }
}

function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** Unpacks in bounded memory. The unpacked file appears whole or not at all; one that is there already is of the same source: the folder is named by it. */
async function unpack(file: string, target: string): Promise<string> {
  if (existsSync(target)) return target;
  const draft = `${target}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    await pipeline(unzipFile(file, formatError), createWriteStream(draft, { flags: 'wx', mode: 0o600 }));
    await rename(draft, target);
    return target;
  } catch (error) {
    await rm(draft, { force: true });
    throw error instanceof FormatError ? unreadable(file, error.message, error) : error;
  }
}

/** Places in a file that are looked at, with some dozens of rows at each. */
const samples = 64;

/** Whether a file seems to be in time order, by samples: a cheap look that spares most sessions that would fail. The workers look at every row. */
export function seemsOrdered(run: CsvRun): boolean {
  const probe = openProbe(run);
  try {
    const stride = (probe.end - probe.begin) / samples;
    let latest = Number.NEGATIVE_INFINITY;
    let at = probe.begin;
    for (let sample = 0; sample < samples; sample++) {
      const { times, next } = probe.look(Math.max(at, probe.begin + Math.floor(sample * stride)));
      for (const time of times) {
        if (time < latest) return false;
        latest = time;
      }
      at = next;
    }
    return true;
  } finally {
    probe.close();
  }
}
