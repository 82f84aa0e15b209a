import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type Chunk, type ChunkContext, defineWork } from '../../model/work.ts';
import { createColumns } from './columns.ts';
import { writeColumns } from './columns-file.ts';
import { createRowParser } from './csv/parse-rows.ts';
import { createLineReader } from './csv/read-lines.ts';
import type { ColumnsRun, CsvRun, Part } from './history.ts';
import { checkCsvFile } from './read-slice.ts';
import { emptyTally, type RowCounts } from './row-counts.ts';
import { sortByTime } from './sort-columns.ts';

/** All that the workers see of the input. */
export interface SortSettings {
  readonly runs: readonly CsvRun[];
  /** An existing folder for the sorted files. */
  readonly folder: string;
}

/** A range of a file, sorted. */
export interface SortedRange {
  /** Null when the range holds no point. */
  readonly run: ColumnsRun | null;
  readonly counts: RowCounts;
}

/** Reads one range of a file, sorts its points by time, and writes them as a file of columns. */
export default defineWork({
  chunk: ({ slice, index }: Chunk<unknown, Part>, { settings, progress }: ChunkContext<SortSettings>): SortedRange => {
    const run = settings.runs[slice.run] as CsvRun;
    const points = createColumns(0);
    const counts = emptyTally();
    const file = openSync(run.file, 'r');
    try {
      createLineReader()(file, slice.begin, slice.end, createRowParser(run.layout, points, counts), () => progress(0));
      checkCsvFile(file, run);
    } finally {
      closeSync(file);
    }
    if (points.length === 0) return { run: null, counts };
    return { run: writeColumns(join(settings.folder, `${index}.run`), sortByTime(points)), counts };
  },
});
