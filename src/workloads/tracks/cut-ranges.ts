import { closeSync, openSync } from 'node:fs';
import { createWindowReader, findLineStart } from './csv/line-start.ts';
import type { CsvRun, Part } from './history.ts';

/** Cuts each file into ranges of about `size` bytes, at the beginnings of lines. Ranges tile the files, in order. */
export function* cutRanges(runs: readonly CsvRun[], size: number): Generator<Part, void, undefined> {
  for (const [number, run] of runs.entries()) {
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
}
