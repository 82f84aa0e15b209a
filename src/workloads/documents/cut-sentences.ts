let known: Intl.Segmenter | undefined;

/** Made when it is first needed: it takes 10 to 80 ms, and the host needs none. */
function segmenter(): Intl.Segmenter {
  known ??= new Intl.Segmenter('en', { granularity: 'sentence' });
  return known;
}

/**
 * Characters that are cut at once. Every segment carries its whole input along, so that the time for a long text would grow with the
 * square of its length: 320,000 characters took 1.7 s, 1,500,000 all memory.
 */
const windowSize = 20_000;

/** Runs of white space become one blank; none at the ends. */
export function plainText(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** The sentences of a page's plain text, in order, as the Unicode rules for English cut them. */
export function cutSentences(text: string): string[] {
  const sentences: string[] = [];
  let size = windowSize;
  for (let from = 0; from < text.length; ) {
    const end = from + size;
    const isLast = end >= text.length;
    const segments = Array.from(segmenter().segment(text.slice(from, end)), ({ segment }) => segment);
    // Where the window ends the last sentence may go on: the next window begins with it.
    const whole = isLast ? segments : segments.slice(0, -1);
    size = whole.length > 0 ? windowSize : size * 2;
    for (const segment of whole) from += segment.length;
    sentences.push(...whole.map((segment) => segment.trim()).filter((segment) => segment !== ''));
  }
  return sentences;
}

/** How a sentence ends that is complete: perhaps with closing quotes and brackets behind its mark. */
const completeEnd = /[.!?:][\u2019\u201d'")\]]*\s*$/;

/** Whether a page's last sentence goes on with the first of the next page. */
export function goesOn(last: string, first: string): boolean {
  return !completeEnd.test(last) && /^\p{Ll}/u.test(first);
}
