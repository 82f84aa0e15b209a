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
  /** The times of some points whose rows begin at or behind `from`, and the position behind them. */
  look(from: number): { readonly times: Float64Array; readonly next: number };
  close(): void;
}

/** Points of a file of columns that are looked at together. */
const pointsInWindow = 128;

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
    look(from) {
      const next = Math.min(from + pointsInWindow, run.points);
      return { times: readTimes(file, run, from, next), next };
    },
    close: () => closeSync(file),
  };
}

function probeCsv(run: CsvRun): Probe {
  const file = openSync(run.file, 'r');
  const begin = run.layout.dataStart;
  const read = createWindowReader(file, run.size);
  const timesOf = createTimesReader(run);

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
        const time = timesOf(bytes, next)[0];
        if (time !== undefined) return { time, start: at, next: at + next };
        at += next;
      } else if (size < largeWindow) {
        size = largeWindow;
      } else {
        at = lineStart(at + bytes.length, limit);
      }
    }
    return undefined;
  };
  const look = (from: number) => {
    const at = lineStart(from, run.size) ?? run.size;
    const bytes = read(at, smallWindow / 2);
    const size = at + bytes.length < run.size ? bytes.lastIndexOf(10) + 1 : bytes.length;
    return { times: timesOf(bytes, size), next: at + size };
  };
  return { begin, end: run.size, bytes: 1, grain: 128, find, look, close: () => closeSync(file) };
}

/** Reads the times of the points in whole lines, the first `size` of some bytes. Valid until the next are read. */
function createTimesReader(run: CsvRun): (bytes: Uint8Array, size: number) => Float64Array {
  const points = createColumns(64);
  const parser = createRowParser(run.layout, points, emptyTally());
  return (bytes, size) => {
    points.length = 0;
    parser.parse(bytes, 0, size);
    return points.time.subarray(0, points.length);
  };
}
