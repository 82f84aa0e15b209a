import { closeSync, fstatSync, openSync } from 'node:fs';
import { type Columns, createColumns, reserve } from './columns.ts';
import { checkColumnsFile, readColumns } from './columns-file.ts';
import { createRowParser, type RowParser } from './csv/parse-rows.ts';
import { createLineReader } from './csv/read-lines.ts';
import type { CsvRun, Part, Run, SourceFile, TimeSlice } from './history.ts';
import { addCounts, clearTally, emptyTally, type RowCounts } from './row-counts.ts';
import { outOfOrder, permanent } from './run-error.ts';
import { sortByTime } from './sort-columns.ts';

/** Bytes of a usual row: how many points a part may hold, as a first guess. */
const usualRow = 32;

/** Room for points that is kept for the next slice: 16 MB. */
const mostKept = 524_288;

/** The points of a slice and of those around it, in time order, and what became of its own rows. */
export interface SlicePoints {
  /** Valid until the next slice is read. */
  readonly points: Columns;
  readonly counts: RowCounts;
}

/** Reads the points of slices. */
export interface SliceReader {
  /**
   * Reads each part of a slice in turn, then merges them by time. Equal times stay in the order of runs and positions.
   *
   * @param alive - Called while reading, so that a long slice is not taken for a stalled one.
   * @throws PermanentError with the code `SOURCE_NOT_ORDERED` where a part goes back in time or leaves the slice's range,
   * `INPUT_CHANGED` where a file is not the one that the session began with.
   */
  read(slice: TimeSlice, alive: () => void): SlicePoints;
}

/**
 * A reader for the slices of a history, one for a worker: it reads all of them into the same columns with the same parsers,
 * which the compiler then knows by heart. Columns and parsers of each slice's own made a worker a third slower.
 */
export function createSliceReader(runs: readonly Run[]): SliceReader {
  const readLines = createLineReader();
  const points = createColumns(0);
  const tally = emptyTally();
  const parsers = new Map<Run, RowParser>();
  const parserOf = (run: CsvRun): RowParser => {
    const parser = parsers.get(run) ?? createRowParser(run.layout, points, tally);
    parsers.set(run, parser);
    return parser;
  };
  const readPart = (part: Part, run: Run, alive: () => void): void => {
    const file = openSync(run.file, 'r');
    try {
      if (run.type === 'csv') {
        readLines(file, part.begin, part.end, parserOf(run), alive);
        checkSourceFile(file, run);
      } else {
        checkColumnsFile(file, run);
        readColumns(file, run, part.begin, part.end, points);
        tally.rows += part.end - part.begin;
        tally.valid += part.end - part.begin;
      }
    } finally {
      closeSync(file);
    }
  };
  const readParts = (slice: TimeSlice, alive: () => void): void => {
    reserve(
      points,
      slice.parts.reduce((sum, part) => sum + roomFor(part, runs), 0),
    );
    for (const part of slice.parts) {
      const run = runOf(part, runs);
      const first = points.length;
      readPart(part, run, alive);
      checkOrder(points, first, slice, run);
    }
  };
  return {
    read(slice, alive) {
      if (points.time.length > mostKept) Object.assign(points, createColumns(0));
      points.length = 0;
      clearTally(tally);
      readParts(slice, alive);
      const counts = addCounts(tally, emptyTally());
      for (const neighbour of slice.around ?? []) readParts(neighbour, alive);
      return { points: sortByTime(points), counts };
    },
  };
}

function roomFor(part: Part, runs: readonly Run[]): number {
  const size = part.end - part.begin;
  return runOf(part, runs).type === 'csv' ? Math.ceil(size / usualRow) : size;
}

function runOf(part: Part, runs: readonly Run[]): Run {
  const run = runs[part.run];
  if (!run) throw new Error(`There is no run ${part.run}: the slice belongs to another history.`);
  return run;
}

/** Refuses a file that has changed since it was planned. Asked after reading, so that no change in between goes unseen. */
export function checkSourceFile(file: number, run: SourceFile): void {
  const { size, mtimeMs } = fstatSync(file);
  if (size === run.size && mtimeMs === run.mtimeMs) return;
  throw permanent('INPUT_CHANGED', `${run.file} has changed since the session began: start a new session.`);
}

function checkOrder({ time, length }: Columns, first: number, slice: TimeSlice, run: Run): void {
  let before = slice.from;
  for (let i = first; i < length; i++) {
    const t = time[i] as number;
    if (t < before) throw permanent('SOURCE_NOT_ORDERED', outOfOrder(run.file, t, before));
    if (t >= slice.to) throw permanent('SOURCE_NOT_ORDERED', outOfOrder(run.file, slice.to, t));
    before = t;
  }
}
