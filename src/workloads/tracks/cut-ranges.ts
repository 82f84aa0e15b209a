import { closeSync, openSync } from 'node:fs';
import { createWindowReader, findLineStart } from './csv/line-start.ts';
import type { CsvRun, Part, SourceFile } from './history.ts';

/**
 * Cuts each file into the ranges that workers read: CSV at the beginnings of lines, about `size` bytes each; other formats not at all.
 * Ranges tile the files, in order.
 */
export function* cutRanges(files: readonly SourceFile[], size: number): Generator<Part, void, undefined> {
  for (const [number, source] of files.entries()) {
    if (source.type === 'csv') yield* cutLines(source, number, size);
    else yield { run: number, begin: 0, end: source.size };
  }
}

function* cutLines(run: CsvRun, number: number, size: number): Generator<Part, void, undefined> {
  const file = openSync(run.file, 'r');
  try {
    const read = createWindowReader(file, run.size);
    let begin = run.layout.dataStart;
    while (begin < run.size) {
      const end = findLineStart(read, run.layout.dataStart, begin + size, run.size) ?? run.size;
      yield { run: number, begin, end };
      begin = end;
    }
  } finally {
    closeSync(file);
  }
}
