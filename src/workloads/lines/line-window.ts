import { closeSync, openSync, readSync } from 'node:fs';
import { PermanentError } from '../../model/errors.ts';

/** The longest line that is read. One of many brackets takes some twenty times as much when it is parsed. */
export const maxLineBytes = 16 * 1024 * 1024;

const blockBytes = 262_144;

/** Where a line is. */
export interface LinePlace {
  /** Which of the files. */
  readonly file: number;
  /** In bytes, without the line break. */
  readonly offset: number;
  readonly length: number;
}

/** Gives lines of files by their places. Lines that follow each other are read together. */
export interface LineWindow {
  /** The bytes of a line: valid until the next call. */
  lineAt(place: LinePlace): Uint8Array;
  close(): void;
}

/** Opens files when they are first asked for, and keeps the last one open with one block of it. */
export function openLineWindow(paths: readonly string[]): LineWindow {
  let block = Buffer.allocUnsafeSlow(blockBytes);
  let open: { readonly file: number; readonly descriptor: number } | undefined;
  let begin = 0;
  let end = 0;
  const close = (): void => {
    if (open) closeSync(open.descriptor);
    open = undefined;
    begin = 0;
    end = 0;
  };
  const descriptorOf = (file: number): number => {
    if (open?.file === file) return open.descriptor;
    close();
    open = { file, descriptor: openSync(paths[file] as string, 'r') };
    return open.descriptor;
  };
  return {
    lineAt({ file, offset, length }) {
      const descriptor = descriptorOf(file);
      if (offset < begin || offset + length > end) {
        // A block that had to grow for one line is given back with the next.
        if (block.length !== Math.max(blockBytes, length)) block = Buffer.allocUnsafeSlow(Math.max(blockBytes, length));
        begin = offset;
        end = offset + readSync(descriptor, block, 0, block.length, offset);
        while (end < offset + length) {
          const count = readSync(descriptor, block, end - offset, block.length - (end - offset), end);
          if (count === 0) throw new PermanentError(`${paths[file]} became shorter while it was read.`);
          end += count;
        }
      }
      return block.subarray(offset - begin, offset - begin + length);
    },
    close,
  };
}

/** A range of a file's bytes, as one worker looks for lines in it. */
export interface ByteRange {
  readonly file: number;
  /** Lines that begin in [begin, end) are of this range; where `whole`, it is one line whatever it holds. */
  readonly begin: number;
  readonly end: number;
  /** Where the first line of the part begins, and where its last one ends. */
  readonly first: number;
  readonly last: number;
  readonly whole: boolean;
}

const lineFeed = 10;

/** The lines that begin in a range, in order. Holds one block, however long they are. */
export function* linesIn(path: string, { file, begin, end, first, last, whole }: ByteRange): Generator<LinePlace> {
  if (whole) return yield { file, offset: begin, length: end - begin };
  const descriptor = openSync(path, 'r');
  try {
    const block = Buffer.allocUnsafe(blockBytes);
    // A line begins at `begin` only when the byte before it ends one.
    let line = begin === first ? begin : undefined;
    for (let at = line ?? begin - 1; at < last && (line !== undefined || at < end - 1); ) {
      const count = readSync(descriptor, block, 0, Math.min(blockBytes, last - at), at);
      if (count === 0) throw new PermanentError(`${path} became shorter while it was read.`);
      for (let from = 0; from < count; ) {
        const found = block.subarray(0, count).indexOf(lineFeed, from);
        if (found < 0) break;
        if (line !== undefined) yield { file, offset: line, length: at + found - line };
        line = at + found + 1;
        if (line >= end) return;
        from = found + 1;
      }
      at += count;
    }
    if (line !== undefined && line < last) yield { file, offset: line, length: last - line };
  } finally {
    closeSync(descriptor);
  }
}
