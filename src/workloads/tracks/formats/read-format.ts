import { createReadStream } from 'node:fs';
import { unzipFile } from '../../input/unzip-file.ts';
import type { WholeFile } from '../history.ts';
import type { RowTally } from '../row-counts.ts';
import { permanent, unreadableText } from '../run-error.ts';
import type { SortedRuns } from '../sorted-runs.ts';
import { FormatError, formatError } from './format-reader.ts';
import { formats } from './formats.ts';
import { createPointSink } from './point-sink.ts';

/** Bytes that are handed to a reader at once: few enough that the points of one such piece never matter. */
const pieceBytes = 65_536;

/**
 * Reads a whole file into sorted runs of about `most` points each: in memory that does not depend on the file's size.
 *
 * @param alive - Called while reading, so that a long file is not taken for a stalled one.
 * @throws PermanentError with the code `NO_READABLE_INPUT` where the file is damaged, cut off, or hostile.
 */
export async function readFormat(
  source: WholeFile,
  tally: RowTally,
  sorted: SortedRuns,
  most: number,
  alive: () => void,
): Promise<void> {
  const reader = formats[source.format](createPointSink(tally, sorted.columnsOf));
  try {
    for await (const bytes of source.packed ? unzipFile(source.file, formatError) : bytesOf(source.file)) {
      for (let at = 0; at < bytes.length; at += pieceBytes) reader.write(bytes.subarray(at, at + pieceBytes));
      if (sorted.held() >= most) sorted.flush();
      alive();
    }
    reader.end();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw permanent('NO_READABLE_INPUT', unreadableText(source.file, error.message));
  }
}

function bytesOf(file: string): AsyncIterable<Uint8Array> {
  return createReadStream(file, { highWaterMark: pieceBytes * 4 });
}
