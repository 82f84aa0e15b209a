import { closeSync, openSync } from 'node:fs';
import { type Chunk, type ChunkContext, defineWork } from '../../model/work.ts';
import { createRowParser } from './csv/parse-rows.ts';
import { createLineReader } from './csv/read-lines.ts';
import { readFormat } from './formats/read-format.ts';
import type { ColumnsRun, Part, SourceFile } from './history.ts';
import { checkSourceFile } from './read-slice.ts';
import { emptyTally, type RowCounts } from './row-counts.ts';
import { createSortedRuns } from './sorted-runs.ts';

/** All that the workers see of the input. */
export interface SortSettings {
  readonly runs: readonly SourceFile[];
  /** An existing folder for the sorted files. */
  readonly folder: string;
  /** Points of a file that can't be cut which are sorted at once. */
  readonly points: number;
}

/** A range of a file, sorted. */
export interface SortedRange {
  /** In the order of the file: one, or none when the range holds no point; a file that can't be cut gives one for each piece. */
  readonly runs: readonly ColumnsRun[];
  readonly counts: RowCounts;
}

/** Reads one range of a file, or a whole one, sorts its points by time, and writes them as files of columns. */
export default defineWork({
  chunk: async (
    { slice, index }: Chunk<unknown, Part>,
    { settings, progress }: ChunkContext<SortSettings>,
  ): Promise<SortedRange> => {
    const source = settings.runs[slice.run] as SourceFile;
    const counts = emptyTally();
    const sorted = createSortedRuns(settings.folder, index);
    const file = openSync(source.file, 'r');
    try {
      if (source.type === 'csv') {
        const parser = createRowParser(source.layout, sorted.points, counts);
        createLineReader()(file, slice.begin, slice.end, parser, () => progress(0));
      } else {
        await readFormat(source, counts, sorted, settings.points, () => progress(0));
      }
      checkSourceFile(file, source);
    } finally {
      closeSync(file);
    }
    sorted.flush();
    return { runs: sorted.runs, counts };
  },
});
