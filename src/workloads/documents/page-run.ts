import { goesOn } from './cut-sentences.ts';

/** One sentence. It begins on `page` and ends on `endPage`. */
export interface Sentence {
  readonly page: number;
  readonly endPage: number;
  readonly text: string;
  /** Null: put together from several pages, and not counted yet. */
  readonly tokens: number | null;
}

/** What is known of a page that was read. */
export interface PageFacts {
  readonly page: number;
  readonly words: number;
  /** Code points of the page's plain text. */
  readonly chars: number;
}

/** Neighbouring pages, and the sentences on them. */
export interface PageRun {
  readonly pages: readonly PageFacts[];
  readonly sentences: readonly Sentence[];
  /** A page that failed comes before the first sentence: nothing can go on into it. */
  readonly brokenBefore: boolean;
  /** A page that failed comes behind the last sentence. Without sentences both are the same. */
  readonly brokenAfter: boolean;
}

/** Stands where pages failed: what surrounds it is not joined. */
export const brokenRun: PageRun = { pages: [], sentences: [], brokenBefore: true, brokenAfter: true };

/**
 * Joins neighbours. A sentence that is not complete at the end of a page goes on with the next page that has text, if that begins in
 * lower case. Associative: it looks at the two sentences that meet and at what lies between, and a joined one has the ends of both.
 */
export function joinRuns(left: PageRun, right: PageRun): PageRun {
  const pages = [...left.pages, ...right.pages];
  const [last, first] = [left.sentences.at(-1), right.sentences[0]];
  const brokenBefore = left.brokenBefore || (!last && right.brokenBefore);
  const brokenAfter = right.brokenAfter || (!first && left.brokenAfter);
  if (!last || !first) {
    const sentences = last ? left.sentences : right.sentences;
    const isBroken = left.brokenBefore || right.brokenBefore;
    if (sentences.length === 0) return { pages, sentences, brokenBefore: isBroken, brokenAfter: isBroken };
    return { pages, sentences, brokenBefore, brokenAfter };
  }
  const isOne = !left.brokenAfter && !right.brokenBefore && goesOn(last.text, first.text);
  if (!isOne) return { pages, sentences: [...left.sentences, ...right.sentences], brokenBefore, brokenAfter };
  const joined: Sentence = { page: last.page, endPage: first.endPage, text: `${last.text} ${first.text}`, tokens: null };
  const sentences = [...left.sentences.slice(0, -1), joined, ...right.sentences.slice(1)];
  return { pages, sentences, brokenBefore, brokenAfter };
}
