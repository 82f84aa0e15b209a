import { writeFiles } from '../output/write-files.ts';
import type { PageFacts, Sentence } from './page-run.ts';
import type { DocumentCode } from './refusal.ts';

/** A sentence whose tokens are known. */
export interface CountedSentence extends Sentence {
  readonly tokens: number;
}

/** What came of one document, as `result.json` has it. */
export interface DocumentResult {
  /** How many pages the document has. */
  readonly pages: number;
  /** Pages that could not be read, ascending. */
  readonly failedPages: readonly number[];
  readonly sentences: number;
  readonly tokens: number;
  /** `partial`: some pages failed; `failed`: all did, or the document could not be opened. */
  readonly status: 'completed' | 'partial' | 'failed';
  /** Why it failed as a whole. */
  readonly code?: DocumentCode;
}

/** Counts what was read of a document with so many pages. */
export function resultOf(pages: number, read: readonly PageFacts[], sentences: readonly CountedSentence[]): DocumentResult {
  const present = new Set(read.map(({ page }) => page));
  const failedPages = Array.from({ length: pages }, (_, index) => index + 1).filter((page) => !present.has(page));
  return {
    pages,
    failedPages,
    sentences: sentences.length,
    tokens: sentences.reduce((sum, { tokens }) => sum + tokens, 0),
    status: read.length === 0 ? 'failed' : failedPages.length === 0 ? 'completed' : 'partial',
  };
}

/** The files that depend on the document alone. */
export const documentFiles = ['sentences.jsonl', 'pages.tsv', 'result.json'] as const;

/** Writes a document's files into its folder. They take their names only when all are whole; `result.json` is the last. */
export async function writeDocument(
  folder: string,
  result: DocumentResult,
  pages: readonly PageFacts[],
  sentences: readonly CountedSentence[],
): Promise<void> {
  const texts = { 'sentences.jsonl': sentenceLines(sentences), 'pages.tsv': pageLines(result, pages, sentences) };
  await writeTexts(folder, { ...texts, 'result.json': [`${JSON.stringify(result, null, 2)}\n`] });
}

/** Writes texts as files of a folder: all of them, in their order, or none. */
export function writeTexts(folder: string, texts: Readonly<Record<string, Iterable<string>>>): Promise<void> {
  return writeFiles(folder, Object.keys(texts), async (files) => {
    for (const [place, lines] of Object.values(texts).entries()) {
      for (const line of lines) {
        files[place]?.add(line);
        await files[place]?.flush();
      }
    }
  });
}

function* sentenceLines(sentences: readonly CountedSentence[]): Generator<string> {
  for (const [index, { page, endPage, tokens, text }] of sentences.entries()) {
    yield `${JSON.stringify({ n: index + 1, page, endPage, tokens, text })}\n`;
  }
}

/** A sentence is counted on the page where it begins. */
function* pageLines(
  { pages }: DocumentResult,
  read: readonly PageFacts[],
  sentences: readonly CountedSentence[],
): Generator<string> {
  const facts = new Map(read.map((one) => [one.page, one]));
  const begun = new Map<number, number>();
  for (const { page } of sentences) begun.set(page, (begun.get(page) ?? 0) + 1);
  yield 'page\tstatus\tsentences\twords\tchars\n';
  for (let page = 1; page <= pages; page++) {
    const { words = 0, chars = 0 } = facts.get(page) ?? {};
    const status = !facts.has(page) ? 'page_error' : chars === 0 ? 'empty' : 'ok';
    yield `${page}\t${status}\t${begun.get(page) ?? 0}\t${words}\t${chars}\n`;
  }
}
