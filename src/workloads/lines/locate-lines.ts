import type { TableLine } from './line-table.ts';
import { type ByteRange, linesIn } from './line-window.ts';

/** A file of lines, or a part of one that holds several. */
export interface LinesPart {
  readonly path: string;
  /** The bytes that it has in the file: [begin, end). */
  readonly begin: number;
  readonly end: number;
  /** Whether it is one line, whatever it holds. */
  readonly whole: boolean;
}

/** What a worker tells of a line. */
export type SeenLine = readonly [
  file: number,
  offset: number,
  length: number,
  kind: number,
  weight: number,
  high: number,
  low: number,
];

/** Cuts parts into ranges of bytes for workers to look for lines in. */
export function rangesOf(parts: readonly LinesPart[], size: number): ByteRange[] {
  return parts.flatMap(({ begin, end, whole }, file) => {
    const ranges: ByteRange[] = [];
    const step = whole ? end - begin : size;
    for (let at = begin; at < end; at += step) {
      ranges.push({ file, begin: at, end: Math.min(end, at + step), first: begin, last: end, whole });
    }
    return ranges;
  });
}

/** Numbers the lines that workers saw, in order. Places between them that nobody tells of are lines that ended their worker. */
export async function* locateLines(seen: AsyncIterable<SeenLine>, parts: readonly LinesPart[]): AsyncGenerator<TableLine> {
  let [file, line, at] = [0, 0, parts[0]?.begin ?? 0];
  const missing = function* (until: number): Generator<TableLine> {
    const { path, whole } = parts[file] as LinesPart;
    if (at >= until) return;
    const gap = { file, begin: at, end: until, first: at, last: until, whole };
    for (const place of linesIn(path, gap)) yield { ...place, line: ++line, kind: -1, weight: 0, high: 0, low: 0 };
  };
  const moveTo = function* (next: number): Generator<TableLine> {
    while (file < next) {
      yield* missing((parts[file] as LinesPart).end);
      [file, line] = [file + 1, 0];
      at = parts[file]?.begin ?? 0;
    }
  };
  for await (const [of, offset, length, kind, weight, high, low] of seen) {
    yield* moveTo(of);
    yield* missing(offset);
    yield { file, line: ++line, offset, length, kind, weight, high, low };
    at = offset + length + 1;
  }
  yield* moveTo(parts.length);
}
