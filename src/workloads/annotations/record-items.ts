import { join } from 'node:path';
import { byWeight } from '../../model/chunkers.ts';
import { readLineTable, type TableLine } from '../lines/line-table.ts';
import type { LinePlace } from '../lines/line-window.ts';
import { recordKind, tableNames } from './check-job.ts';

/** A record that was found good: where it is, and what it is cut by. */
export interface RecordItem extends LinePlace {
  /** Its place among all lines of all files, from 0. */
  readonly number: number;
  /** Its line in its file, from 1. */
  readonly line: number;
  /** How many annotations it has. */
  readonly items: number;
  /** Half of the hash of its document's name: tells neighbours apart. */
  readonly document: number;
  /** How many annotations fill a batch. */
  readonly batchItems: number;
}

/** Batches of whole documents: a document never spans two of them, nor does a file. */
export const byDocuments = byWeight<RecordItem>({
  weight: ({ items }) => Math.max(1, items),
  max: ({ batchItems }) => batchItems,
  together: ({ document }) => document,
  apart: ({ file }) => file,
});

/** The good records of a table of lines. */
export async function* recordsIn(folder: string, batchItems: number): AsyncGenerator<RecordItem> {
  let number = 0;
  for await (const line of readLineTable(join(folder, tableNames.lines))) {
    if (line.kind === recordKind) yield recordOf(line, number, batchItems);
    number++;
  }
}

/** A line of the table as an item of work. */
export function recordOf(
  { file, line, offset, length, weight, high }: TableLine,
  number: number,
  batchItems: number,
): RecordItem {
  return { number, file, line, offset, length, items: weight, document: high, batchItems };
}
