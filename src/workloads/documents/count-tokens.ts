import { importOptional, tokenPackage } from './pdf/load-pdfium.ts';

/** Encodings that tokens can be counted by. */
export const encodings = ['o200k_base', 'o200k_harmony', 'cl100k_base', 'p50k_base', 'p50k_edit', 'r50k_base'] as const;

/** One of {@link encodings}. */
export type Encoding = (typeof encodings)[number];

/** How many tokens a text has. */
export type CountTokens = (text: string) => number;

interface TokenModule {
  countTokens(text: string, options: { disallowedSpecial: ReadonlySet<string> }): number;
}

/** Longer words are counted in parts: for one word the time grows with its square, and 100,000 letters took 19 s. */
const longestWord = 1_000;
const longWord = new RegExp(`\\S{${longestWord}}`);
const partsOfWords = new RegExp(`\\s*\\S{1,${longestWord}}`, 'g');

/**
 * Loads an encoding: about 150 ms, and some 40 MB.
 *
 * @throws MillraceError `DRIVER_MISSING`
 */
export async function loadTokenCounter(encoding: Encoding): Promise<CountTokens> {
  const { countTokens } = (await importOptional(`${tokenPackage}/encoding/${encoding}`)) as TokenModule;
  // What looks like a special token, such as <|endoftext|>, is text like any other in a document.
  const options = { disallowedSpecial: new Set<string>() };
  return (text) => {
    if (!longWord.test(text)) return countTokens(text, options);
    return (text.match(partsOfWords) ?? []).reduce((sum, part) => sum + countTokens(part, options), 0);
  };
}
