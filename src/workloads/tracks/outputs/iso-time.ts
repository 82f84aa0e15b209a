import { writeAscii, writeThreeDigits, writeTwoDigits } from './ascii-digits.ts';

const dayMs = 86_400_000;
/** What `Date` can hold. Times beyond have no calendar date. */
const maxTimeMs = 8.64e15;

/** Room that one time takes at most: `+123456-01-02T03:04:05.678Z`. */
export const isoTimeRoom = 27;

/** Writes times as ISO 8601 in UTC with milliseconds, the same text as `Date.toISOString`. Keeps the last date, since neighbours share it. */
export interface IsoTimeWriter {
  /** Writes whole milliseconds since 1970 at `at` and returns where it ended; writes nothing when no date can hold it. */
  write(bytes: Uint8Array, at: number, timeMs: number): number;
}

/** A writer of ISO times with its own memory of the last date. */
export function createIsoTimeWriter(): IsoTimeWriter {
  let knownDay = Number.NaN;
  let date = '';
  return {
    write(bytes, start, timeMs) {
      if (!(Math.abs(timeMs) <= maxTimeMs)) return start;
      const day = Math.floor(timeMs / dayMs);
      if (day !== knownDay) {
        knownDay = day;
        date = new Date(day * dayMs).toISOString().slice(0, -'00:00:00.000Z'.length);
      }
      return writeClock(bytes, writeAscii(bytes, start, date), timeMs - day * dayMs);
    },
  };
}

function writeClock(bytes: Uint8Array, start: number, msOfDay: number): number {
  const seconds = (msOfDay / 1000) | 0;
  const minutes = (seconds / 60) | 0;
  const hours = (minutes / 60) | 0;
  let at = writeTwoDigits(bytes, start, hours);
  bytes[at++] = 58;
  at = writeTwoDigits(bytes, at, minutes - hours * 60);
  bytes[at++] = 58;
  at = writeTwoDigits(bytes, at, seconds - minutes * 60);
  bytes[at++] = 46;
  at = writeThreeDigits(bytes, at, msOfDay - seconds * 1000);
  bytes[at++] = 90;
  return at;
}
