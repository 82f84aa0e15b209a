/**
 * Numbers as ASCII bytes, written by hand into a byte array: a point costs about a tenth of what `String(number)` and an encoder cost.
 * Each function writes at `at` and returns where it ended; the caller has made room.
 */

const zero = 48;
const minus = 45;
const dot = 46;

/** The four digits of 0000 to 9999, in a row. */
const fourDigits = buildFourDigits();

function buildFourDigits(): Uint8Array {
  const digits = new Uint8Array(40_000);
  for (let n = 0; n < 10_000; n++) {
    digits[n * 4] = zero + Math.trunc(n / 1000);
    digits[n * 4 + 1] = zero + (Math.trunc(n / 100) % 10);
    digits[n * 4 + 2] = zero + (Math.trunc(n / 10) % 10);
    digits[n * 4 + 3] = zero + (n % 10);
  }
  return digits;
}

/** Room that one number of {@link writeTenMillionths} takes at most: `-214.7483648`. */
export const degreesRoom = 12;

/** Room that one number of {@link writeWhole} takes at most: `-9007199254740991`. */
export const wholeRoom = 17;

/** Degrees as whole ten-millionths: the unit of every written coordinate, about a centimetre. */
export function tenMillionths(degrees: number): number {
  return Math.round(degrees * 1e7);
}

/**
 * Writes a 32-bit count of ten-millionths as a decimal number: at most 7 decimals, without trailing zeros, exponent or -0.
 *
 * @returns Where the number ended.
 */
export function writeTenMillionths(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  const whole32 = value | 0;
  // -1 for a negative number, else 0. Without a branch: the first negative number would throw away what is compiled by then.
  const sign = whole32 >> 31;
  const rest = (whole32 ^ sign) - sign;
  bytes[at] = minus;
  at -= sign;
  const whole = (rest / 10_000_000) | 0;
  const fraction = (rest - whole * 10_000_000) | 0;
  if (whole >= 100) bytes[at++] = zero + ((whole / 100) | 0);
  if (whole >= 10) bytes[at++] = zero + (((whole / 10) | 0) % 10);
  bytes[at++] = zero + (whole % 10);
  return fraction === 0 ? at : writeSevenDecimals(bytes, at, fraction);
}

function writeSevenDecimals(bytes: Uint8Array, start: number, fraction: number): number {
  const high = (fraction / 1000) | 0;
  const low = fraction - high * 1000;
  bytes[start] = dot;
  writeFourDigits(bytes, start + 1, high);
  writeThreeDigits(bytes, start + 5, low);
  let end = start + 8;
  while (bytes[end - 1] === zero) end--;
  return end;
}

/** Writes 0 to 9999 as four digits, with leading zeros. */
export function writeFourDigits(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = fourDigits[value * 4] as number;
  bytes[at + 1] = fourDigits[value * 4 + 1] as number;
  bytes[at + 2] = fourDigits[value * 4 + 2] as number;
  bytes[at + 3] = fourDigits[value * 4 + 3] as number;
  return at + 4;
}

/** Writes 0 to 99 as two digits, with a leading zero. */
export function writeTwoDigits(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = fourDigits[value * 4 + 2] as number;
  bytes[at + 1] = fourDigits[value * 4 + 3] as number;
  return at + 2;
}

/** Writes 0 to 999 as three digits, with leading zeros. */
export function writeThreeDigits(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = fourDigits[value * 4 + 1] as number;
  return writeTwoDigits(bytes, at + 1, value % 100);
}

/** Writes a whole number within the safe integers, without leading zeros. */
export function writeWhole(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = Math.abs(value);
  if (value < 0) bytes[at++] = minus;
  let end = at + 1;
  for (let bound = 10; bound <= rest; bound *= 10) end++;
  for (let place = end - 1; place >= at; place--) {
    const next = Math.floor(rest / 10);
    bytes[place] = zero + (rest - next * 10);
    rest = next;
  }
  return end;
}

/** Writes a whole count of thousandths as a decimal number of at most three decimals: millimetres as metres. */
export function writeThousandths(bytes: Uint8Array, start: number, value: number): number {
  const rest = Math.abs(value);
  let at = start;
  if (value < 0) bytes[at++] = minus;
  const whole = Math.floor(rest / 1000);
  at = writeWhole(bytes, at, whole);
  const fraction = rest - whole * 1000;
  if (fraction === 0) return at;
  bytes[at] = dot;
  at = writeThreeDigits(bytes, at + 1, fraction);
  while (bytes[at - 1] === zero) at--;
  return at;
}

/** Writes ASCII text. */
export function writeAscii(bytes: Uint8Array, start: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[start + i] = text.charCodeAt(i);
  return start + text.length;
}
