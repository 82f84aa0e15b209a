import { closeSync, openSync } from 'node:fs';
import { createColumns } from './columns.ts';
import { checkColumnsFile, readTimes } from './columns-file.ts';
import { createWindowReader, findLineStart, largeWindow, smallWindow } from './csv/line-start.ts';
import { createRowParser } from './csv/parse-rows.ts';
import type { ColumnsRun, CsvRun, Run } from './history.ts';
import { emptyTally } from './row-counts.ts';

/** A point that was looked up: its time, and the positions where its row begins and ends. */
export interface Found {
  readonly time: number;
  readonly start: number;
  readonly next: number;
}

/** Looks points up in a run without reading the run. */
export interface Probe {
  /** First position, and the one behind the last. */
  readonly begin: number;
  readonly end: number;
  /** Bytes that a position stands for. */
  readonly bytes: number;
  /** A stretch of this many positions is cheaper to walk than to halve. */
  readonly grain: number;
  /** The first point whose row begins at or behind `from` and before `limit`. */
  find(from: number, limit: number): Found | undefined;
  close(): void;
}

/** Opens a run for looking points up. */
export function openProbe(run: Run): Probe {
  return run.type === 'csv' ? probeCsv(run) : probeColumns(run);
}

function probeColumns(run: ColumnsRun): Probe {
  const file = openSync(run.file, 'r');
  checkColumnsFile(file, run);
  return {
    begin: 0,
    end: run.points,
    bytes: 32,
    grain: 1,
    find: (from, limit) =>
      from < Math.min(limit, run.points)
        ? { time: readTimes(file, run, from, from + 1)[0] as number, start: from, next: from + 1 }
        : undefined,
    close: () => closeSync(file),
  };
}

function probeCsv(run: CsvRun): Probe {
  const file = openSync(run.file, 'r');
  const begin = run.layout.dataStart;
  const read = createWindowReader(file, run.size);
  const timeOf = createRowReader(run);

  const lineStart = (from: number, limit: number) => findLineStart(read, begin, from, Math.min(limit, run.size));

  const find = (from: number, limit: number): Found | undefined => {
    let at = lineStart(from, limit);
    let size = smallWindow;
    while (at !== undefined && at < Math.min(limit, run.size)) {
      const bytes = read(at, size);
      const isLast = at + bytes.length >= run.size;
      const lineBreak = bytes.indexOf(10);
      if (lineBreak >= 0 || isLast) {
        const next = lineBreak >= 0 ? lineBreak + 1 : bytes.length;
        const time = timeOf(bytes.subarray(0, next));
        if (!Number.isNaN(time)) return { time, start: at, next: at + next };
        at += next;
      } else if (size < largeWindow) {
        size = largeWindow;
      } else {
        at = lineStart(at + bytes.length, limit);
      }
    }
    return undefined;
  };
  return { begin, end: run.size, bytes: 1, grain: 128, find, close: () => closeSync(file) };
}

/** The time of one line's point; NaN when the line is no point. */
function createRowReader(run: CsvRun): (line: Uint8Array) => number {
  const point = createColumns(64);
  const parser = createRowParser(run.layout, point, emptyTally());
  return (line) => {
    point.length = 0;
    parser.parse(line, 0, line.length);
    return point.length > 0 ? (point.time[0] as number) : Number.NaN;
  };
}
