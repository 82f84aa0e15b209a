import { createReadStream } from 'node:fs';
import { stageFile } from '../output/staged-file.ts';
import type { LinePlace } from './line-window.ts';

/** What is known of one line once it was looked at. */
export interface TableLine extends LinePlace {
  /** Which line of its file, from 1. */
  readonly line: number;
  /** What it is: a number of the caller's; below 0 when nobody could tell, because the line ended its worker. */
  readonly kind: number;
  /** How much it holds, in the caller's unit. */
  readonly weight: number;
  /** A hash of what it is about, in two numbers of 48 bits. */
  readonly high: number;
  readonly low: number;
}

/** What a row holds, in this order. */
const columns = ['file', 'line', 'offset', 'length', 'kind', 'weight', 'high', 'low'] as const;

const width = columns.length;
/** Rows that are handed over together. */
const rowsTogether = 1_024;

const rowBytes = width * Float64Array.BYTES_PER_ELEMENT;

/** Writes a table of lines as a file, which appears whole or not at all. */
export async function writeLineTable(folder: string, name: string, lines: AsyncIterable<TableLine>): Promise<void> {
  const staged = await stageFile(folder, name);
  let rows = new Float64Array(rowsTogether * width);
  let at = 0;
  const hand = (): void => {
    staged.add(new Uint8Array(rows.buffer, 0, at * rows.BYTES_PER_ELEMENT));
    rows = new Float64Array(rowsTogether * width);
    at = 0;
  };
  try {
    for await (const line of lines) {
      for (const column of columns) rows[at++] = line[column];
      if (at < rows.length) continue;
      hand();
      if (staged.isFull) await staged.flush();
    }
    hand();
    await staged.seal();
    await staged.publish();
  } catch (error) {
    await staged.discard();
    throw error;
  }
}

/** Reads a table from its first line on, in bounded memory. */
export async function* readLineTable(path: string): AsyncGenerator<TableLine> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const part of createReadStream(path) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? part : Buffer.concat([rest, part]);
    const whole = bytes.length - (bytes.length % rowBytes);
    const rows = new Float64Array(new Uint8Array(bytes.subarray(0, whole)).buffer);
    for (let at = 0; at < rows.length; at += width) yield lineOf(rows, at);
    rest = bytes.subarray(whole);
  }
}

function lineOf(rows: Float64Array, at: number): TableLine {
  const get = (column: number): number => rows[at + column] as number;
  return {
    file: get(0),
    line: get(1),
    offset: get(2),
    length: get(3),
    kind: get(4),
    weight: get(5),
    high: get(6),
    low: get(7),
  };
}
