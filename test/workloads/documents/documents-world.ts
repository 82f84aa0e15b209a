import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../../src/index.ts';
import type { ExecutorName } from '../../../src/model/job.ts';
import type { DocumentsOptions } from '../../../src/workloads/documents/options.ts';
import { type DocumentReport, documentsJobs, runDocuments } from '../../../src/workloads/documents/run-documents.ts';

/** How documents are read in one run of a test. */
export interface Way extends DocumentsOptions {
  readonly executor?: ExecutorName;
  readonly workers?: number;
}

/** What a run left: its reports, and the files by their names below the folder. */
export interface Read {
  readonly reports: readonly DocumentReport[];
  readonly files: Readonly<Record<string, string>>;
}

/** Reads documents in an engine and a folder of their own, which is removed again. */
export async function readDocuments(files: readonly string[], way: Way = {}): Promise<Read> {
  const out = mkdtempSync(join(tmpdir(), 'millrace-documents-'));
  const { workers = 1, executor = 'inline', ...options } = way;
  const engine = await createEngine({ jobs: [...documentsJobs], workers, executor });
  try {
    const reports = await runDocuments(engine, { files, out, options: { ...options, executor } });
    return { reports, files: filesBelow(out) };
  } finally {
    await engine.close();
    rmSync(out, { recursive: true, force: true });
  }
}

/** The outputs that may depend on nothing but the documents. */
function filesBelow(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = join(folder, name);
    if (statSync(file).isFile() && !name.endsWith('summary.json')) found[name] = readFileSync(file, 'utf8');
  }
  return found;
}

/** A line of `sentences.jsonl`. */
export interface SentenceLine {
  readonly n: number;
  readonly page: number;
  readonly endPage: number;
  readonly tokens: number;
  readonly text: string;
}

export function sentencesIn(text = ''): SentenceLine[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as SentenceLine);
}
