import type { PointSink } from './point-sink.ts';

/** Reads one file of a format, piece by piece from its beginning to its end, in bounded memory. */
export interface FormatReader {
  /** The next bytes of the file. @throws FormatError when they can't belong to a file of this format. */
  write(bytes: Uint8Array): void;
  /** The file is at its end. @throws FormatError when it may not end here. */
  end(): void;
}

/** Makes a reader that gives what it finds to a sink. */
export type FormatReaderOf = (sink: PointSink) => FormatReader;

/** Why a file can't be read on: in words that go on after "it can't be read as a location history:". */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}

/** A {@link FormatError}, and what made it one. */
export function formatError(why: string, cause?: unknown): FormatError {
  return new FormatError(why, { cause });
}

/** Elements, arrays and objects inside each other. Location histories need about ten. */
export const maxDepth = 64;

/** Bytes of a single text, tag, comment or number. What has more was made to fill memory. */
export const maxTextBytes = 8 * 1024 * 1024;

/**
 * Keeps watch over how much a parser holds that has told of nothing yet.
 *
 * @returns Called with what was read since: whether the parser told of anything, and how many bytes it got.
 */
export function createHoldLimit(): (told: boolean, bytes: number) => void {
  let held = 0;
  return (told, bytes) => {
    held = told ? 0 : held + bytes;
    if (held > maxTextBytes) throw new FormatError(`a single text in it is longer than ${maxTextBytes} bytes`);
  };
}
