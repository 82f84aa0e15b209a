import { fitChecksum } from './fit-checksum.ts';
import { definitionOf, definitionSize, type FitMessage, recordFields } from './fit-messages.ts';
import { FormatError, type FormatReader, type FormatReaderOf } from './format-reader.ts';
import type { PointSink } from './point-sink.ts';

/** Seconds from 1970 to the last day of 1989, where FIT counts from. Smaller times than this count from when the device was switched on. */
const epoch = 631_065_600;
const firstAbsolute = 0x10000000;

const semicircle = 180 / 2 ** 31;

const checksumBytes = 2;

/** What is known of the file being read. */
interface State {
  /** Bytes of records that are still to come, and of the checksum behind them; undefined: a header is due. */
  left: number | undefined;
  readonly messages: (FitMessage | undefined)[];
  /** The last time that any message told, seconds; what compressed times count on from. */
  time: number;
  checksum: number;
}

/**
 * Garmin's FIT, from watches and bicycle computers: each `record` message is a row. An own decoder of the few messages that matter: those to be
 * had keep all messages of a file in memory, or come under a licence of their own.
 */
export const fit: FormatReaderOf = (sink) => {
  let held = Buffer.alloc(0);
  let files = 0;
  let state = newState();

  /** Takes what is whole from the beginning of the bytes; answers how many that were, 0 for none. */
  const take = (bytes: Buffer): number => {
    if (state.left === undefined) {
      const size = takeHeader(bytes, state);
      if (size > 0) files++;
      return size;
    }
    if (state.left > checksumBytes) return takeRecord(bytes, state, sink);
    if (bytes.length < checksumBytes) return 0;
    state.left = 0;
    return checksumBytes;
  };
  const write: FormatReader['write'] = (bytes) => {
    const all = Buffer.concat([held, bytes]);
    let at = 0;
    for (let size = take(all); size > 0; size = take(all.subarray(at))) {
      state.checksum = fitChecksum(state.checksum, all.subarray(at, at + size));
      at += size;
      if (state.left !== 0) continue;
      if (state.checksum !== 0) throw new FormatError('its checksum does not match: it is damaged');
      // Several files may follow one another in one.
      state = newState();
    }
    held = all.subarray(at);
  };
  return {
    write,
    end() {
      if (files === 0 || held.length > 0 || state.left !== undefined) {
        throw new FormatError('it ends in the middle: it was not written or copied whole');
      }
    },
  };
};

function newState(): State {
  return { left: undefined, messages: [], time: Number.NaN, checksum: 0 };
}

function takeHeader(bytes: Buffer, state: State): number {
  const size = bytes[0] ?? 0;
  if (bytes.length < Math.max(size, 12)) return 0;
  if ((size !== 12 && size !== 14) || bytes.toString('latin1', 8, 12) !== '.FIT')
    throw new FormatError('its FIT header is damaged');
  state.left = bytes.readUInt32LE(4) + checksumBytes;
  return size;
}

function takeRecord(bytes: Buffer, state: State, sink: PointSink): number {
  const head = bytes[0];
  if (head === undefined) return 0;
  const isCompressed = (head & 0x80) !== 0;
  const local = isCompressed ? (head >> 5) & 3 : head & 15;
  let size: number;
  if (!isCompressed && (head & 0x40) !== 0) {
    size = definitionSize(bytes, (head & 0x20) !== 0);
    if (size === 0 || bytes.length < size) return 0;
    state.messages[local] = definitionOf(bytes, size);
  } else {
    const message = state.messages[local];
    if (!message) throw new FormatError('its FIT records are damaged: a message comes before its definition');
    size = 1 + message.size;
    if (bytes.length < size) return 0;
    if (isCompressed) state.time += ((head & 31) - (state.time & 31) + 32) & 31;
    takeMessage(bytes.subarray(1, size), message, state, sink);
  }
  state.left = (state.left as number) - size;
  if (state.left < checksumBytes) throw new FormatError('its FIT records are damaged: one goes on behind their end');
  return size;
}

function takeMessage(bytes: Buffer, message: FitMessage, state: State, sink: PointSink): void {
  const { time, lat, lon, height } = recordFields(bytes, message);
  if (time !== undefined) state.time = time;
  if (!message.isRecord) return;
  const seconds = Number.isNaN(state.time) ? undefined : state.time < firstAbsolute ? Number.NaN : state.time + epoch;
  sink.row(seconds, lat === undefined ? undefined : lat * semicircle, lon === undefined ? undefined : lon * semicircle, height);
}
