import { parseDecimal } from './parse-decimal.ts';

const dayMs = 86_400_000;

/** From here on a bare number counts milliseconds, not seconds: as seconds it would be the year 5138, as milliseconds it is 1973. */
export const firstMilliseconds = 1e11;
/** A number from here on is neither. */
export const noTime = 1e14;

/**
 * Reads a time as whole milliseconds since 1970. What is finer is cut off.
 *
 * Takes epoch seconds with or without decimals, epoch milliseconds, and ISO 8601: `2024-06-15T10:30:00.123Z`, with `T` or a blank,
 * with `/` for `-`, without seconds, without a time of day, with `Z`, an offset (`+02:00`, `+0200`, `+02`) or none, which means UTC.
 * NaN for anything else.
 */
export function parseTime(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let stop = end;
  while (at < stop && isAround(bytes[at] as number)) at++;
  while (stop > at && isAround(bytes[stop - 1] as number)) stop--;
  const fifth = bytes[at + 4];
  if (stop - at >= 10 && (fifth === 45 || fifth === 47)) return parseCalendar(bytes, at, stop, fifth);
  // No -0: times are compared, written and made into names.
  return parseEpoch(bytes, at, stop) + 0;
}

function isAround(byte: number): boolean {
  return byte <= 32 || byte === 34;
}

/** Seconds are split at the decimal sign, so that `1718444200.178999901` is cut to exactly 178 ms. */
function parseEpoch(bytes: Uint8Array, start: number, end: number): number {
  let sign = start;
  while (sign < end && bytes[sign] !== 46 && bytes[sign] !== 44) sign++;
  const value = parseDecimal(bytes, start, end);
  const size = Math.abs(value);
  if (!(size < noTime)) return Number.NaN;
  if (size >= firstMilliseconds) return Math.floor(value);
  if (sign === end) return Number.isInteger(value) ? value * 1000 : Math.floor(value * 1000);
  const whole = Math.trunc(value);
  const fraction = readFraction(bytes, sign + 1, end);
  if (Number.isNaN(fraction)) return Math.floor(value * 1000);
  return bytes[start] === 45 ? whole * 1000 - Math.ceil(fraction) : whole * 1000 + Math.floor(fraction);
}

/** Decimals of a second as milliseconds; NaN when there is something other than digits. */
function readFraction(bytes: Uint8Array, start: number, end: number): number {
  let ms = 0;
  let unit = 100;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    // Beyond milliseconds only "some" or "none" matters: half a millisecond stands for any.
    if (unit >= 1) ms += digit * unit;
    else if (digit > 0) return ms + 0.5;
    unit = unit === 1 ? 0 : unit / 10;
  }
  return ms;
}

function parseCalendar(bytes: Uint8Array, start: number, end: number, dash: number): number {
  const year = digits(bytes, start, 4);
  const month = digits(bytes, start + 5, 2);
  const day = digits(bytes, start + 8, 2);
  if (bytes[start + 7] !== dash || !(month >= 1 && month <= 12) || !(day >= 1 && day <= daysIn(year, month))) return Number.NaN;
  const midnight = dayNumber(year, month, day) * dayMs;
  if (end === start + 10) return midnight;
  const separator = bytes[start + 10];
  if (separator !== 84 && separator !== 116 && separator !== 32) return Number.NaN;
  return midnight + parseTimeOfDay(bytes, start + 11, end);
}

/** `10:30`, `10:30:00`, `10:30:00.123`, and the zone behind it, as milliseconds from midnight UTC. */
function parseTimeOfDay(bytes: Uint8Array, start: number, end: number): number {
  const hour = digits(bytes, start, 2);
  const minute = digits(bytes, start + 3, 2);
  if (bytes[start + 2] !== 58 || !(hour <= 23) || !(minute <= 59) || start + 5 > end) return Number.NaN;
  let ms = (hour * 60 + minute) * 60_000;
  let at = start + 5;
  if (at < end && bytes[at] === 58) {
    const second = digits(bytes, at + 1, 2);
    if (!(second <= 59) || at + 3 > end) return Number.NaN;
    ms += second * 1000;
    at += 3;
    if (at < end && (bytes[at] === 46 || bytes[at] === 44)) {
      const from = at + 1;
      at = from;
      while (at < end && isDigit(bytes[at] as number)) at++;
      if (at === from) return Number.NaN;
      ms += Math.floor(readFraction(bytes, from, at));
    }
  }
  return ms - parseOffset(bytes, at, end);
}

/** Minutes east of UTC as milliseconds: `Z`, `UTC`, `+02:00`, `+0200`, `+02`, or nothing. */
function parseOffset(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] === 32) at++;
  if (at === end) return 0;
  const letter = bytes[at] as number;
  if (end - at === 1 && (letter === 90 || letter === 122)) return 0;
  if (end - at === 3 && letter === 85 && bytes[at + 1] === 84 && bytes[at + 2] === 67) return 0;
  if (letter !== 43 && letter !== 45) return Number.NaN;
  const hour = digits(bytes, at + 1, 2);
  const colon = bytes[at + 3] === 58 ? 1 : 0;
  const length = end - at;
  const minute = length === 3 ? 0 : length === 5 + colon ? digits(bytes, at + 3 + colon, 2) : Number.NaN;
  if (!(hour <= 23) || !(minute <= 59)) return Number.NaN;
  const offset = (hour * 60 + minute) * 60_000;
  return letter === 45 ? -offset : offset;
}

function digits(bytes: Uint8Array, start: number, count: number): number {
  let value = 0;
  for (let at = start; at < start + count; at++) {
    const byte = bytes[at];
    if (byte === undefined || !isDigit(byte)) return Number.NaN;
    value = value * 10 + byte - 48;
  }
  return value;
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : (monthDays[month - 1] as number);
}

/** Days since 1970-01-01 in the Gregorian calendar, counted in years that begin in March, so that leap days come last. */
function dayNumber(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
