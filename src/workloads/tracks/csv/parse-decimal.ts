/** Powers of ten that a double holds exactly: the only ones that a whole number may be divided by for a correctly rounded quotient. */
export const exactPowers = Float64Array.from({ length: 23 }, (_, n) => Number(`1e${n}`));

/** A mantissa up to this takes one more digit and stays below 2^53, where whole numbers are exact. */
const roomForDigit = 900_719_925_474_098;

/**
 * Reads a decimal number from ASCII bytes: exactly the double that `Number(text)` gives, about ten times as fast.
 *
 * Takes a point or a comma as the decimal sign, blanks and quotes around the number, and an exponent. NaN for anything else, also for nothing.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let stop = end;
  while (at < stop && isAround(bytes[at] as number)) at++;
  while (stop > at && isAround(bytes[stop - 1] as number)) stop--;
  const first = at;
  const negative = bytes[at] === 45;
  if (negative || bytes[at] === 43) at++;
  let mantissa = 0;
  let digits = 0;
  let decimals = -1;
  for (; at < stop; at++) {
    const digit = (bytes[at] as number) - 48;
    if (digit >= 0 && digit <= 9) {
      if (mantissa > roomForDigit) return parseAsText(bytes, first, stop);
      mantissa = mantissa * 10 + digit;
      digits++;
      if (decimals >= 0) decimals++;
    } else if ((digit === -2 || digit === -4) && decimals < 0) {
      decimals = 0;
    } else {
      return parseAsText(bytes, first, stop);
    }
  }
  if (digits === 0) return Number.NaN;
  if (decimals > 22) return parseAsText(bytes, first, stop);
  const value = decimals > 0 ? mantissa / (exactPowers[decimals] as number) : mantissa;
  return negative ? -value : value;
}

/** Blanks, a carriage return, quotes. */
function isAround(byte: number): boolean {
  return byte <= 32 || byte === 34;
}

const plainNumber = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The rare forms: many digits, exponents. Refuses what `Number` takes besides: hexadecimal, `Infinity`. */
function parseAsText(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 400) return Number.NaN;
  const text = String.fromCharCode(...bytes.subarray(start, end)).replace(',', '.');
  return plainNumber.test(text) ? Number(text) : Number.NaN;
}
