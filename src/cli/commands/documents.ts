import { encodings } from '../../workloads/documents/count-tokens.ts';
import type { DocumentsOptions } from '../../workloads/documents/options.ts';
import { checkPackages } from '../../workloads/documents/pdf/load-pdfium.ts';
import { passwordVariable } from '../../workloads/documents/pdf/open-files.ts';
import { documentsJobs } from '../../workloads/documents/run-documents.ts';
import { defineCommand } from '../arguments/command.ts';
import { flag, oneOf, text, wholeNumber } from '../arguments/options.ts';
import { workers } from '../arguments/units.ts';
import { readDocuments, tellDocuments } from '../documents/read-documents.ts';
import { openRunStore } from '../store/run-store.ts';
import { withEngine } from '../with-engine.ts';

const options = {
  'pages-per-chunk': wholeNumber(
    'N',
    1,
    1_000_000,
    'Pages that a worker takes at once; changes speed, never results (default 30)',
  ),
  encoding: oneOf(encodings, 'What tokens are counted by (default o200k_base)'),
  password: text('P', `Opens encrypted files; other users see it in lists of processes: better in ${passwordVariable}`),
  partial: oneOf(['allow', 'forbid'], 'Whether a document may lack pages that cannot be read (default allow)'),
  workers,
  executor: oneOf(
    ['processes', 'threads', 'inline'],
    'Where pages are read (default processes: one that hangs or dies is replaced)',
  ),
  store: text('STORE', 'Where the run is kept: sqlite:FILE, a folder, or memory (default the output folder)'),
  out: text('DIR', 'Folder for the outputs (default documents)'),
  fresh: flag('Read again what was read before, and give up what was interrupted'),
} as const;

/** `millrace documents`: reads PDF files to sentences and tokens. */
export const command = defineCommand({
  name: 'documents',
  summary: 'Reads PDF files to sentences and tokens: sentences.jsonl, pages.tsv, result.json, summary.json.',
  operands: 'FILE.pdf...',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  options,
  notes: [
    'One file writes into DIR itself, several into DIR/NAME each. A file or a page that cannot be read does not keep the others from it.',
    'Exit codes: 0 all complete, 1 something is missing, 3 nothing could be read.',
    'Called again after an interruption, it goes on where it was; documents that were read, and have not changed, are not read again.',
    'Needs two packages: npm install @hyzyla/pdfium gpt-tokenizer',
  ],
  examples: [
    'millrace documents --out manual manual.pdf',
    'millrace documents --out reports --pages-per-chunk 10 --workers 4 reports/*.pdf',
  ],
  async run({ operands, options: given, terminal }) {
    checkPackages();
    const { out = 'documents', executor = 'processes', password } = given;
    if (password !== undefined) process.env[passwordVariable] = password;
    const { store } = await openRunStore(given.store, out, terminal);
    const chosen: DocumentsOptions = {
      executor,
      ...(given['pages-per-chunk'] !== undefined && { pagesPerChunk: given['pages-per-chunk'] }),
      ...(given.encoding && { encoding: given.encoding }),
      ...(given.partial && { partial: given.partial }),
      ...(given.fresh && { fresh: true }),
    };
    const hint = (begun: boolean): string => (begun ? 'To go on, call the same command again.' : 'Nothing had been started.');
    const call = { terminal, store, jobs: documentsJobs, workers: given.workers, executor, env: [passwordVariable], hint };
    return withEngine(call, async (running) =>
      tellDocuments(terminal, await readDocuments(running, { files: operands, out, options: chosen })),
    );
  },
});
