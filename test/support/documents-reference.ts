/** A sentence as the reference has it. */
export interface ReferenceSentence {
  readonly page: number;
  readonly endPage: number;
  readonly text: string;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/**
 * The sentences of a document in the plainest way there is: one loop over its pages from the first to the last.
 *
 * @param pages - The text of each page; undefined: it could not be read.
 */
export function referenceSentences(pages: readonly (string | undefined)[]): ReferenceSentence[] {
  const sentences: { page: number; endPage: number; text: string }[] = [];
  let mayGoOn = false;
  for (const [index, text] of pages.entries()) {
    const page = index + 1;
    if (text === undefined) {
      mayGoOn = false;
      continue;
    }
    const own = [...segmenter.segment(text.replace(/\s+/g, ' ').trim())].map(({ segment }) => segment.trim()).filter(Boolean);
    for (const [place, sentence] of own.entries()) {
      const last = sentences.at(-1);
      const isOpen = last !== undefined && !/[.!?:][\u2019\u201d'")\]]*\s*$/.test(last.text);
      if (place === 0 && mayGoOn && isOpen && /^\p{Ll}/u.test(sentence)) {
        last.text += ` ${sentence}`;
        last.endPage = page;
      } else {
        sentences.push({ page, endPage: page, text: sentence });
      }
      mayGoOn = true;
    }
  }
  return sentences;
}
