import { degreesRoom, wholeRoom, writeAscii, writeTenMillionths, writeThousandths, writeWhole } from '../outputs/ascii-digits.ts';

/** A point of the demonstration, in whole units. */
export interface DemoPoint {
  /** Seconds since 1970. */
  readonly time: number;
  /** Ten-millionths of a degree. */
  readonly lat: number;
  readonly lon: number;
  /** Decimetres; undefined where the phone had no height. */
  readonly height: number | undefined;
}

const rowRoom = wholeRoom * 2 + degreesRoom * 2 + 8;
const comma = 44;
const lineEnd = 10;

/** CSV rows in a growing block of bytes. */
export interface RowWriter {
  readonly rows: number;
  readonly bytes: number;
  writePoint(point: DemoPoint): void;
  /** A line as it is, without its end. */
  writeLine(line: string): void;
  /** Another writer's rows, which it gives up. */
  take(other: RowWriter): void;
  /** What was written since the last call, as bytes of its own. */
  flush(): Uint8Array;
}

/** Bytes of a writer that is empty; it grows by itself. */
const firstBytes = 64 * 1024;

export function createRowWriter(): RowWriter {
  let bytes = new Uint8Array(firstBytes);
  let at = 0;
  let rows = 0;
  const makeRoom = (room: number): void => {
    if (at + room <= bytes.length) return;
    const wider = new Uint8Array(Math.max(bytes.length * 2, at + room));
    wider.set(bytes);
    bytes = wider;
  };
  return {
    get rows() {
      return rows;
    },
    get bytes() {
      return at;
    },
    writePoint({ time, lat, lon, height }) {
      makeRoom(rowRoom);
      at = writeWhole(bytes, at, time);
      bytes[at++] = comma;
      at = writeTenMillionths(bytes, at, lat);
      bytes[at++] = comma;
      at = writeTenMillionths(bytes, at, lon);
      bytes[at++] = comma;
      if (height !== undefined) at = writeThousandths(bytes, at, height * 100);
      bytes[at++] = lineEnd;
      rows++;
    },
    writeLine(line) {
      makeRoom(line.length + 1);
      at = writeAscii(bytes, at, line);
      bytes[at++] = lineEnd;
      rows++;
    },
    take(other) {
      rows += other.rows;
      const block = other.flush();
      makeRoom(block.length);
      bytes.set(block, at);
      at += block.length;
    },
    flush() {
      const block = bytes.slice(0, at);
      at = 0;
      rows = 0;
      return block;
    },
  };
}
