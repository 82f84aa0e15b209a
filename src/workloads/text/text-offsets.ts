/** Code points are counted, as annotations do; JavaScript's strings count a character beyond U+FFFF as two units. */

/** Only where both halves stand together are they one code point; a half alone is one, too. */
const pair = /[\ud800-\udbff][\udc00-\udfff]/;
const pairs = /[\ud800-\udbff][\udc00-\udfff]/g;

/** A text's length in code points. */
export function lengthOf(text: string): number {
  return pair.test(text) ? text.length - (text.match(pairs)?.length ?? 0) : text.length;
}

/** The unit at which each code point begins, and the text's length at the end; undefined when both counts are the same. */
export function unitsOf(text: string): Uint32Array | undefined {
  if (!pair.test(text)) return undefined;
  const units = new Uint32Array(lengthOf(text) + 1);
  let unit = 0;
  for (let point = 0; point < units.length; point++) {
    units[point] = unit;
    unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
  }
  return units;
}
