import { readSync } from 'node:fs';
import { maxLineBytes } from '../history.ts';

/** Reads bytes at a position: as many as asked for, fewer at the file's end. */
export type ReadWindow = (at: number, size: number) => Uint8Array;

/** A window that holds some rows, and one that holds the longest row. */
export const smallWindow = 4_096;
export const largeWindow = 4 * maxLineBytes;

/** Reads windows of a file, and keeps the last one: neighbouring look-ups find it there. */
export function createWindowReader(file: number, fileSize: number): ReadWindow {
  let held = Buffer.alloc(0);
  let heldAt = 0;
  return (at, size) => {
    const wanted = Math.min(size, Math.max(0, fileSize - at));
    // Most rows are short: a kept window that reaches a little further is enough.
    if (size <= smallWindow && at >= heldAt && at + Math.min(wanted, 512) <= heldAt + held.length) {
      return held.subarray(at - heldAt, at - heldAt + wanted);
    }
    const bytes = Buffer.allocUnsafe(wanted);
    held = bytes.subarray(0, readSync(file, bytes, 0, wanted, at));
    heldAt = at;
    return held;
  };
}

/** Where the first line begins at or behind `from` and before `limit`; undefined when none does. */
export function findLineStart(read: ReadWindow, dataStart: number, from: number, limit: number): number | undefined {
  if (from <= dataStart) return dataStart < limit ? dataStart : undefined;
  for (let at = from - 1, size = smallWindow; at < limit; size = largeWindow) {
    const bytes = read(at, size);
    if (bytes.length === 0) return undefined;
    const lineBreak = bytes.indexOf(10);
    if (lineBreak >= 0) return at + lineBreak + 1 < limit ? at + lineBreak + 1 : undefined;
    at += bytes.length;
  }
  return undefined;
}
