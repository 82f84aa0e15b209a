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
  return text.startsWith(mark) ? (JSON.parse(text.slice(1)) as string) : text;
}

/** The same for a text that may be absent. */
export function toFileTextOrNull(text: string | null): string | null {
  return text === null ? null : toFileText(text);
}

/** The same for a text that may be absent. */
export function fromFileTextOrNull(text: string | null): string | null {
  return text === null ? null : fromFileText(text);
}
