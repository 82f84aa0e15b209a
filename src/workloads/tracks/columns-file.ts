import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { endianness } from 'node:os';
import { type Columns, reserve } from './columns.ts';
import type { ColumnsRun } from './history.ts';
import { permanent } from './run-error.ts';

/** A file of columns: 32 bytes of head (magic, byte order, hash), then times, latitudes, longitudes, heights, each a whole column. */
const headBytes = 32;
const magic = `MRCOLS1${endianness()[0]}`;
const hashBytes = 16;

/**
 * Writes columns as a file that only its owner can read. The file appears whole or not at all, and the same points give the same bytes.
 *
 * @returns The run that the file is.
 */
export function writeColumns(path: string, columns: Columns): ColumnsRun {
  const parts = [columns.time, columns.lat, columns.lon, columns.ele].map((column) => bytesOf(column, 0, columns.length));
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  const digest = hash.digest().subarray(0, hashBytes);
  const head = Buffer.alloc(headBytes);
  head.write(magic, 0, 'latin1');
  digest.copy(head, 8);
  const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    for (const part of [head, ...parts]) writeWhole(file, part);
    fsyncSync(file);
    closeSync(file);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  return { type: 'columns', file: path, points: columns.length, hash: digest.toString('hex') };
}

/** Appends the points [begin, end) of a file of columns. */
export function readColumns(file: number, run: ColumnsRun, begin: number, end: number, into: Columns): void {
  const count = end - begin;
  reserve(into, count);
  [into.time, into.lat, into.lon, into.ele].forEach((column, number) => {
    const position = headBytes + (number * run.points + begin) * 8;
    readWhole(file, bytesOf(column, into.length, into.length + count), position, run);
  });
  into.length += count;
}

/** The times of the points [begin, end). */
export function readTimes(file: number, run: ColumnsRun, begin: number, end: number): Float64Array {
  const times = new Float64Array(end - begin);
  readWhole(file, bytesOf(times, 0, times.length), headBytes + begin * 8, run);
  return times;
}

/** Refuses a file that is not the one that was written for this run. */
export function checkColumnsFile(file: number, run: ColumnsRun): void {
  const head = Buffer.alloc(headBytes);
  const count = readSync(file, head, 0, headBytes, 0);
  const hash = head.subarray(8, 8 + hashBytes).toString('hex');
  if (count < headBytes || head.toString('latin1', 0, 8) !== magic || hash !== run.hash) throw changed(run);
}

function changed(run: ColumnsRun): Error {
  return permanent('INPUT_CHANGED', `${run.file} is not the file that was sorted for this session any more.`);
}

function bytesOf(column: Float64Array, from: number, to: number): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset + from * 8, (to - from) * 8);
}

function readWhole(file: number, bytes: Uint8Array, position: number, run: ColumnsRun): void {
  for (let done = 0; done < bytes.length; ) {
    const count = readSync(file, bytes, done, bytes.length - done, position + done);
    if (count === 0) throw changed(run);
    done += count;
  }
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
