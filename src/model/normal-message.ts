import { cut } from './cut-text.ts';

const maxLength = 300;

/**
 * What varies between messages that say the same, the longest forms first. Each is found in linear time: messages come from the
 * work, and thus from its input.
 */
const variable: readonly (readonly [pattern: RegExp, word: string])[] = [
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '<id>'],
  [/\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s"'`<>)\]]+/gi, '<url>'],
  // A path begins where a word does, and has a second part: `and/or` is none.
  [/(?<![\w.<])(?:[a-z]:)?(?:\.{0,2}[\\/])[\w.@%+~-]+(?:[\\/][\w.@%+~-]+)*[\\/]?/gi, '<path>'],
  [/\b0x[0-9a-f]+\b/gi, '<hex>'],
  // Eight digits and letters from a to f, both among them: a hash or an id, and neither a word nor a number.
  [/\b(?=[a-f]{0,64}\d)(?=\d{0,64}[a-f])[0-9a-f]{8,}\b/gi, '<hex>'],
  [/\d+(?:[.,:]\d+)*/g, '<n>'],
];

/**
 * A message without what varies: numbers, ids, hex, paths and URLs are replaced by `<n>`, `<id>`, `<hex>`, `<path>`, `<url>`, white
 * space by one space. Cut to 300 characters. Failures with the same normal message are the same failure.
 */
export function normalMessage(message: string): string {
  let normal = cut(message, 4 * maxLength);
  for (const [pattern, word] of variable) normal = normal.replace(pattern, word);
  return cut(normal.replace(/\s+/g, ' ').trim(), maxLength);
}
