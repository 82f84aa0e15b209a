import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { InvalidOptionError } from '../../model/errors.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { WorkloadEngine, WorkloadSession, WorkloadStart } from '../engine-part.ts';
import { type DocumentInput, documentsJob, fingerprintOfInput } from './documents-job.ts';
import { documentsOpenJob, keyOfFiles } from './inspect-job.ts';
import { type DocumentsOptions, planOptions } from './options.ts';
import { checkPackages } from './pdf/load-pdfium.ts';
import type { DocumentCode } from './refusal.ts';
import { lookAt, type SeenFile } from './seen-file.ts';
import { type DocumentResult, documentFiles, resultOf, writeDocument, writeTexts } from './write-document.ts';

/** The jobs that `runDocuments` starts: give them to `createEngine`. */
export const documentsJobs = [documentsJob, documentsOpenJob] as const;

/** What to read. */
export interface DocumentsRequest {
  /** PDF files, at least one. */
  readonly files: readonly string[];
  /** Folder for the outputs, made if it is missing: of one file in it, of several in a folder each, named by the file. Absent: none are written. */
  readonly out?: string;
  readonly options?: DocumentsOptions;
}

/** What a caller may want to see or bring. */
export interface DocumentsHooks {
  /** Called with each session when it has started: the opening of all files first, then each document. */
  onSession?(session: WorkloadSession<unknown, unknown>, stage: 'open' | 'read', file?: string): void;
  /** Cancels what runs. */
  signal?: AbortSignal;
}

/** What came of one file. */
export interface DocumentReport extends DocumentResult {
  readonly file: string;
  /** Its own folder; null: nothing was written. */
  readonly out: string | null;
  /** Absent: the document could not be opened. */
  readonly sessionId?: string;
  /** In words why it failed, where it did. */
  readonly reason?: string;
}

/** Documents that are read at once: enough to keep workers busy at the end of each, and few enough to stay open. */
const atOnce = 3;

/**
 * Reads PDF files to sentences and tokens, on an engine whose jobs include {@link documentsJobs}: has them opened, then reads each in a session of its own, and writes the outputs.
 * What can't be read fails alone. A document that an earlier run has read, unchanged, is not read again.
 *
 * An encrypted document takes its password from the environment variable `MILLRACE_PDF_PASSWORD`, which the engine's `env` must name.
 *
 * @returns A report for each file, in their order.
 * @throws InvalidOptionError, MillraceError `DRIVER_MISSING` before anything runs; `INPUT_CHANGED` when an interrupted run read something else.
 */
export async function runDocuments(
  engine: WorkloadEngine,
  request: DocumentsRequest,
  hooks: DocumentsHooks = {},
): Promise<DocumentReport[]> {
  const { files, options = {} } = request;
  if (files.length === 0) throw new InvalidOptionError('files', files, 'at least one file');
  const plan = planOptions(options);
  checkPackages();
  const seen = await Promise.all(files.map(lookAt));
  const folders = foldersOf(seen, request.out);
  const call: Call = { engine, hooks, fresh: options.fresh === true, start: startOptions(options, hooks) };
  const opened = await openAll(call, seen);
  const reports: DocumentReport[] = [];
  const queue = [...seen.entries()];
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, file] = next;
      const out = folders[index] ?? null;
      const found = opened.get(file.path) ?? { code: 'invalid_pdf', reason: 'it could not be opened' };
      reports[index] =
        'pages' in found
          ? await readOne(call, { file, pages: found.pages, plan, out })
          : await refuse(file.path, out, { ...resultOf(0, [], []), code: found.code }, found.reason);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return reports;
}

interface Call {
  readonly engine: WorkloadEngine;
  readonly hooks: DocumentsHooks;
  readonly fresh: boolean;
  readonly start: WorkloadStart;
}

function startOptions({ executor, partial, fresh }: DocumentsOptions, { signal }: DocumentsHooks): WorkloadStart {
  return {
    onDuplicate: fresh === true ? 'replace' : 'join',
    ...(executor && { executor }),
    ...(partial && { partial }),
    ...(signal && { signal }),
  };
}

/** One file writes into the folder itself, several into one each; files of the same name are told apart by a number. */
function foldersOf(files: readonly SeenFile[], out: string | undefined): readonly (string | null)[] {
  if (out === undefined) return files.map(() => null);
  if (files.length === 1) return [resolve(out)];
  const taken = new Set<string>();
  return files.map(({ path }) => {
    const name = basename(path).replace(/\.pdf$/i, '') || 'document';
    let free = name;
    for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${name}-${number}`;
    taken.add(free.toLowerCase());
    return join(resolve(out), free);
  });
}

type Found = { readonly pages: number } | { readonly code: DocumentCode; readonly reason: string };

/** Has each file opened once, and not again by a run that goes on. */
async function openAll(call: Call, seen: readonly SeenFile[]): Promise<ReadonlyMap<string, Found>> {
  const { engine, hooks, start } = call;
  const input = { files: [...new Map(seen.map((file) => [file.path, file])).values()] };
  const before = call.fresh ? undefined : await engine.find(documentsOpenJob, { key: keyOfFiles(input) });
  const isDone = (await before?.state())?.status === 'completed' && (await count(before?.deadLetters())) === 0;
  const session = before && isDone ? before : await engine.start(documentsOpenJob, input, { ...start, partial: 'allow' });
  hooks.onSession?.(session, 'open');
  const outcome = await session.outcome();
  const found = new Map<string, Found>();
  for await (const { itemId, error } of session.deadLetters()) {
    const known = error.code === 'file_missing' || error.code === 'password_required';
    found.set(itemId, { code: known ? (error.code as DocumentCode) : 'invalid_pdf', reason: error.message });
  }
  if (outcome.status === 'completed') for (const { path, pages } of outcome.result ?? []) found.set(path, { pages });
  return found;
}

async function count(letters: AsyncIterable<unknown> | undefined): Promise<number> {
  let counted = 0;
  for await (const _ of letters ?? []) counted++;
  return counted;
}

async function readOne(call: Call, input: DocumentInput): Promise<DocumentReport> {
  const session = (await readBefore(call, input)) ?? (await call.engine.start(documentsJob, input, call.start));
  const { file, out, pages } = input;
  call.hooks.onSession?.(session, 'read', file.path);
  const outcome = await session.outcome();
  const report: DocumentReport =
    outcome.status === 'completed'
      ? { file: file.path, out, sessionId: session.id, ...outcome.result }
      : await refuse(
          file.path,
          out,
          { ...resultOf(pages, [], []), code: outcome.error.code === 'ALL_FAILED' ? 'page_error' : 'session_failed' },
          outcome.error.message,
          session.id,
        );
  if (out !== null) await writeSummary(out, session, outcome);
  return report;
}

/** The session of an earlier run that read the same, if its files are still there. */
async function readBefore({ engine, fresh }: Call, input: DocumentInput) {
  const key = documentsJob.definition.key?.(input);
  if (fresh || key === undefined) return undefined;
  const session = await engine.find(documentsJob, { key });
  const state = await session?.state();
  if (state?.status !== 'completed' || state.metadata.fingerprint !== fingerprintOfInput(input)) return undefined;
  const { out } = input;
  return out === null || documentFiles.every((name) => existsSync(join(out, name))) ? session : undefined;
}

/** A document without any text has its files, too: they must not tell of an earlier one. */
async function refuse(
  file: string,
  out: string | null,
  result: DocumentResult,
  reason: string,
  sessionId?: string,
): Promise<DocumentReport> {
  if (out !== null) await writeDocument(out, result, [], []);
  return { file, out, ...result, reason, ...(sessionId !== undefined && { sessionId }) };
}

/** What depends on the run, and not on the document alone. */
async function writeSummary(
  out: string,
  session: WorkloadSession<unknown, unknown>,
  { counts, failures }: Outcome<unknown>,
): Promise<void> {
  const { startedAt, endedAt } = await session.state();
  const { total, failed, crashed } = counts.batches;
  const times = { startedAt, endedAt, ms: startedAt === null || endedAt === null ? null : endedAt - startedAt };
  const summary = { sessionId: session.id, chunks: total, failedChunks: failed + crashed, times, failures };
  await writeTexts(out, { 'summary.json': [`${JSON.stringify(summary, null, 2)}\n`] });
}
