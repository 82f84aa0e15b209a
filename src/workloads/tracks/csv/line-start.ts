import { readSync } from 'node:fs';
import { maxLineBytes } from '../history.ts';

/** Reads bytes at a position: as many as asked for, fewer at the file's end. */
export type ReadWindow = (at: number, size: number) => Uint8Array;

/** A window that holds some rows, and one that holds the longest row. */
export const smallWindow = 4_096;
export const largeWindow = 4 * maxLineBytes;

/** Bytes that are read before and behind a place that is looked up: neighbouring look-ups find what they need there. */
const around = 2 * smallWindow;

/** Reads windows of a file into the same memory: what it answers is valid until the next is read. It keeps the last one, and what lies around it. */
export function createWindowReader(file: number, fileSize: number): ReadWindow {
  let memory = Buffer.allocUnsafeSlow(smallWindow + 2 * around);
  let heldAt = 0;
  let heldEnd = 0;
  return (at, size) => {
    const wanted = Math.min(size, Math.max(0, fileSize - at));
    if (wanted === 0) return memory.subarray(0, 0);
    // Most rows are short: a kept window that reaches a little further is enough.
    const enough = size <= smallWindow ? Math.min(wanted, 512) : wanted;
    if (at < heldAt || at + enough > heldEnd) {
      heldAt = Math.max(0, at - around);
      const count = Math.min(at + wanted + around, fileSize) - heldAt;
      if (count > memory.length) memory = Buffer.allocUnsafeSlow(count);
      heldEnd = heldAt + readSync(file, memory, 0, count, heldAt);
    }
    return memory.subarray(at - heldAt, Math.min(at - heldAt + wanted, heldEnd - heldAt));
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
