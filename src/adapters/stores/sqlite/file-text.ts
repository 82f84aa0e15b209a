/*
 * SQLite's text is not every JavaScript string: drivers end it at a NUL (libsql when reading), and a lone surrogate comes
 * back as another character. The few strings that hold one are kept as JSON text behind a mark; JSON escapes both.
 */

const mark = '\u0001';

/** In `u` mode a surrogate that has its partner is no surrogate. */
const loneSurrogate = /[\uD800-\uDFFF]/u;

/** A text as the file holds it. */
export function toFileText(text: string): string {
  const unsafe = text.includes('\0') || text.startsWith(mark) || loneSurrogate.test(text);
  return unsafe ? mark + JSON.stringify(text) : text;
}

/** A text from the file. */
export function fromFileText(text: string): string {
  if (typeof text !== 'string') return otherText(text);
  return text.startsWith(mark) ? readJson(text.slice(1), isText, text) : text;
}

/** SQLite keeps what it is given, whatever the column's type: others may have written to the file. */
function otherText(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString() : String(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/**
 * JSON text from the file. What is none, or not what it should be, is read as `otherwise`: one damaged row must not keep
 * all others from being read.
 */
export function readJson<T>(text: unknown, isWanted: (value: unknown) => value is T, otherwise: T): T {
  try {
    const value: unknown = JSON.parse(String(text));
    return isWanted(value) ? value : otherwise;
  } catch {
    return otherwise;
  }
}

/** The same for a text that may be absent. */
export function toFileTextOrNull(text: string | null): string | null {
  return text === null ? null : toFileText(text);
}

/** The same for a text that may be absent. */
export function fromFileTextOrNull(text: string | null): string | null {
  return text === null ? null : fromFileText(text);
}
