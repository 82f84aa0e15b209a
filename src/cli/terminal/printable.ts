/**
 * What a terminal would obey instead of show: control characters (escape sequences begin with them), C1 codes, and marks that
 * turn the direction of text around. Line breaks and tabs stay.
 */
const obeyed = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** The text with such characters as `\uXXXX`, which is also how JSON writes them: ids and messages come from inputs and stores. */
export function printable(text: string): string {
  return text.replace(obeyed, escaped);
}

/** The same on one line: a line break in an id or a message must not make a second line of it. */
export function oneLine(text: string): string {
  return printable(text).replace(/[\n\t]/g, (char) => (char === '\n' ? '\\n' : ' '));
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
