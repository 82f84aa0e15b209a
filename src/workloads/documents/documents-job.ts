import { defineJob, type FinalizeContext } from '../../model/job.ts';
import { workModule } from '../../model/work.ts';
import { loadTokenCounter } from './count-tokens.ts';
import type work from './documents.work.ts';
import type { PageSlice } from './documents.work.ts';
import { longestRead } from './inspect-job.ts';
import type { DocumentsPlan } from './options.ts';
import { brokenRun, joinRuns, type PageRun } from './page-run.ts';
import { fingerprintOf, type SeenFile } from './seen-file.ts';
import { workUrl } from './work-url.ts';
import { type CountedSentence, type DocumentResult, resultOf, writeDocument } from './write-document.ts';

/** What one session reads. Made by `runDocuments`, which has the document opened first. */
export interface DocumentInput {
  readonly file: SeenFile;
  readonly pages: number;
  readonly plan: DocumentsPlan;
  /** The folder for the outputs; null: none are written. */
  readonly out: string | null;
}

/** Reads one document, page by page. The result, and the files, are the same bytes for every chunk size and number of workers. */
export const documentsJob = defineJob(workModule<typeof work>(workUrl('documents.work')), {
  name: 'documents',
  slices: ({ pages, plan }: DocumentInput) => cutPages(pages, plan.pagesPerChunk),
  settings: ({ file, plan }) => ({ file: file.path, encoding: plan.encoding }),
  combine: joinRuns,
  hole: () => brokenRun,
  finalize: finish,
  executor: 'processes',
  itemTimeout: longestRead,
  key: ({ file, out }) => `documents:${out ?? ''}:${file.path}`,
  fingerprint: fingerprintOfInput,
  metadata: (input) => ({
    file: input.file.path,
    pages: input.pages,
    out: input.out,
    ...input.plan,
    fingerprint: fingerprintOfInput(input),
  }),
});

/** What a result depends on, and how its chunks were cut. */
export function fingerprintOfInput({ file, pages, plan, out }: DocumentInput): string {
  return [fingerprintOf(file), pages, plan.pagesPerChunk, plan.encoding, plan.partial, out].join(' ');
}

function* cutPages(pages: number, size: number): Generator<PageSlice> {
  for (let from = 1; from <= pages; from += size) yield { from, to: Math.min(pages, from + size - 1) };
}

async function finish({ combined, input }: FinalizeContext<PageRun, DocumentInput>): Promise<DocumentResult> {
  const run = combined ?? brokenRun;
  const sentences = await countAll(run, input.plan);
  const result = resultOf(input.pages, run.pages, sentences);
  if (input.out !== null) await writeDocument(input.out, result, run.pages, sentences);
  return result;
}

/** Sentences that go over a page's end are counted now that they are whole; the workers have counted all others. */
async function countAll({ sentences }: PageRun, { encoding }: DocumentsPlan): Promise<CountedSentence[]> {
  const isJoined = sentences.some(({ tokens }) => tokens === null);
  const countTokens = isJoined ? await loadTokenCounter(encoding) : undefined;
  return sentences.map((sentence) => ({ ...sentence, tokens: sentence.tokens ?? countTokens?.(sentence.text) ?? 0 }));
}
