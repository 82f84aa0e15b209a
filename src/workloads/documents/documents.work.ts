import { defineWork, type SetupContext } from '../../model/work.ts';
import { type CountTokens, type Encoding, loadTokenCounter } from './count-tokens.ts';
import { cutSentences, plainText } from './cut-sentences.ts';
import type { PageRun } from './page-run.ts';
import { openFiles } from './pdf/open-files.ts';

/** All that the workers see of the input. */
export interface DocumentSettings {
  readonly file: string;
  readonly encoding: Encoding;
}

/** A range of pages, counted from 1. */
export interface PageSlice {
  readonly from: number;
  /** The last one. */
  readonly to: number;
}

/** Reads pages one by one, so that a page that fails fails alone. The document stays open for the next chunk. */
export default defineWork({
  setup: ({ settings }: SetupContext<DocumentSettings>): Promise<CountTokens> => loadTokenCounter(settings.encoding),
  read: function* ({ from, to }: PageSlice) {
    for (let page = from; page <= to; page++) yield page;
  },
  each: async (page: number, { settings, resource: countTokens, count }): Promise<PageRun> => {
    const files = await openFiles();
    const text = plainText(files.use(settings.file, (document) => document.textOf(page)));
    const sentences = cutSentences(text).map((one) => ({ page, endPage: page, text: one, tokens: countTokens(one) }));
    count('pages');
    const facts = { page, words: text === '' ? 0 : text.split(' ').length, chars: [...text].length };
    return { pages: [facts], sentences, brokenBefore: false, brokenAfter: false };
  },
});
