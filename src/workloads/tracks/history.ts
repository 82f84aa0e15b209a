import type { CsvLayout } from './csv/layout.ts';
import type { FormatName } from './formats/formats.ts';

/** A part of the history that is in time order: a sorted CSV file. Positions in it are bytes. */
export interface CsvRun {
  readonly type: 'csv';
  readonly file: string;
  readonly size: number;
  /** The file's time of change, for telling that it is still the same. */
  readonly mtimeMs: number;
  readonly layout: CsvLayout;
}

/** A file that is read from its beginning to its end, once, since nothing can be found in the middle of it. */
export interface WholeFile {
  readonly type: 'whole';
  readonly format: FormatName;
  readonly file: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** Packed by gzip; unpacked as it is read. */
  readonly packed: boolean;
}

/** A file that was given. */
export type SourceFile = CsvRun | WholeFile;

/** A part of the history that is in time order: a file of columns, as the sort wrote it. Positions in it are points. */
export interface ColumnsRun {
  readonly type: 'columns';
  readonly file: string;
  readonly points: number;
  /** Whose points these are, where devices are told apart; `''` for points that name none. */
  readonly device?: string;
  /** Of the contents: a file written again with the same contents is the same file. */
  readonly hash: string;
}

/** The history is the stable merge of its runs: by time, then by the run's number, then by position. */
export type Run = CsvRun | ColumnsRun;

/** Positions [begin, end) of one run. A line of text belongs to the part in which its first byte lies. */
export interface Part {
  /** Number of the run in the input. */
  readonly run: number;
  readonly begin: number;
  readonly end: number;
}

/** The points of a half-open range of time, and where they are. */
export interface TimeSlice {
  /** Epoch milliseconds: `from <= time < to`. */
  readonly from: number;
  readonly to: number;
  /** Number of the device, by its name (`deviceCodes`); absent: devices are not told apart. */
  readonly device?: number;
  /** In the order of the runs. */
  readonly parts: readonly Part[];
  /** The slices near this one in time, where rules look further than a point and the one before. */
  readonly around?: readonly TimeSlice[];
  /** Hash of all that its output depends on; absent: the run is not incremental. */
  readonly content?: string;
}

/** Longest line of text that is read, in bytes. Longer ones are counted as `too_long`. */
export const maxLineBytes = 65_536;

/** Earliest and latest moments that a date can hold, epoch milliseconds. */
export const endOfTime = 8.64e15;
