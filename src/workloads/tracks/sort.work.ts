import { closeSync, openSync } from 'node:fs';
import { type Chunk, type ChunkContext, defineWork } from '../../model/work.ts';
import { createColumns } from './columns.ts';
import { createRowParser, type RowParser } from './csv/parse-rows.ts';
import { createLineReader } from './csv/read-lines.ts';
import { readFormat } from './formats/read-format.ts';
import type { ColumnsRun, CsvRun, Part, SourceFile } from './history.ts';
import { checkSourceFile } from './read-slice.ts';
import { emptyTally, type RowCounts, type RowTally } from './row-counts.ts';
import { createSortedRuns, moveLast, type SortedRuns } from './sorted-runs.ts';

/** All that the workers see of the input. */
export interface SortSettings {
  readonly runs: readonly SourceFile[];
  /** An existing folder for the sorted files. */
  readonly folder: string;
  /** Points of a file that can't be cut which are sorted at once. */
  readonly points: number;
  /** Whether each device has a history of its own. */
  readonly byDevice: boolean;
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
    const sorted = createSortedRuns(settings.folder, index, settings.byDevice);
    const file = openSync(source.file, 'r');
    try {
      if (source.type === 'csv') {
        createLineReader()(file, slice.begin, slice.end, rowsInto(sorted, source, counts), () => progress(0));
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

function rowsInto(sorted: SortedRuns, { layout }: CsvRun, tally: RowTally): RowParser {
  if (layout.device === undefined) return createRowParser(layout, sorted.columnsOf(''), tally);
  const last = createColumns(1);
  return createRowParser(layout, last, tally, (device) => moveLast(last, sorted.columnsOf(device)));
}
