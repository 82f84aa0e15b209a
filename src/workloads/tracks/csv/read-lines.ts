import { readSync } from 'node:fs';
import { maxLineBytes } from '../history.ts';
import type { RowParser } from './parse-rows.ts';

const blockBytes = 262_144;
const newline = 10;

/**
 * Reads the bytes [begin, end) of a file in blocks and hands whole lines to the parser. `begin` is where a line begins, `end` where one ends.
 *
 * @param progress - Called after each block with the bytes read so far.
 */
export type ReadLines = (file: number, begin: number, end: number, parser: RowParser, progress?: (bytes: number) => void) => void;

/**
 * Makes a reader of lines, which holds one block and reads everything into it.
 *
 * Memory stays bounded whatever the lines are: of a line that does not fit, the rest is read over and the line counted as too long.
 */
export function createLineReader(): ReadLines {
  const block = Buffer.allocUnsafeSlow(blockBytes + maxLineBytes + 2);
  return (file, begin, end, parser, progress) => readInto(block, file, begin, end, parser, progress);
}

function readInto(
  block: Buffer,
  file: number,
  begin: number,
  end: number,
  parser: RowParser,
  progress: ((bytes: number) => void) | undefined,
): void {
  /** Bytes of a line whose end is not read yet lie at the block's beginning. */
  let held = 0;
  let at = begin;
  let inLongLine = false;
  while (at < end) {
    const count = readSync(file, block, held, Math.min(block.length - held, end - at), at);
    if (count === 0) break;
    at += count;
    const filled = held + count;
    let from = 0;
    if (inLongLine) {
      const lineBreak = block.subarray(0, filled).indexOf(newline);
      inLongLine = lineBreak < 0;
      from = inLongLine ? filled : lineBreak + 1;
    }
    const last = at < end ? block.lastIndexOf(newline, filled - 1) + 1 : filled;
    if (last > from) parser.parse(block, from, last);
    from = Math.max(from, last);
    held = filled - from;
    if (held > maxLineBytes + 1) {
      parser.skipLongLine();
      inLongLine = true;
      held = 0;
    }
    block.copyWithin(0, from, from + held);
    progress?.(at - begin);
  }
  if (held > 0) parser.parse(block, 0, held);
}
