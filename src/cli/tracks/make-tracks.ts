import { join, relative } from 'node:path';
import { errorInfo } from '../../model/error-info.ts';
import type { SessionId } from '../../model/ids.ts';
import { planOptions } from '../../workloads/tracks/options.ts';
import { outputFormats } from '../../workloads/tracks/outputs/shapes.ts';
import { summaryRecord } from '../../workloads/tracks/outputs/summary-json.ts';
import { runTracks, type TracksReport } from '../../workloads/tracks/run-tracks.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { batchSpans } from '../store/batch-spans.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { facts, number, shellWord } from '../terminal/words.ts';
import type { Running } from '../with-engine.ts';
import { dropSuperseded } from './left-behind.ts';
import type { RecordedRequest } from './request.ts';
import { createTracksEngine } from './tracks-engine.ts';

/** What the command answers. */
export interface TracksAnswer {
  readonly status: 'completed';
  readonly sessionId: string;
  readonly out: string;
  readonly files: readonly string[];
  readonly sorted: boolean;
  /** Batches that an earlier incremental run had computed. */
  readonly cached: number;
  readonly summary: Readonly<Record<string, unknown>>;
  /** Transactions and rows of the store in this process, and transactions per batch. */
  readonly store: { readonly transactions: number; readonly rowsWritten: number; readonly transactionsPerBatch: number };
}

const fileNames = {
  json: 'tracks.json',
  geojson: 'tracks.geojson',
  gpx: 'tracks.gpx',
  summary: 'summary.json',
  report: 'report.html',
} as const;

/** The answer, and what it was made of. */
export interface Made {
  readonly answer: TracksAnswer;
  readonly report: TracksReport;
}

/** Makes tracks as asked, or goes on with what was interrupted. */
export async function makeTracks(running: Running, request: RecordedRequest, finished?: string): Promise<Made> {
  const { engine, logger } = running;
  const { store } = engine;
  const files = request.files.map(({ path }) => path);
  const report = await runTracks(
    createTracksEngine(running, request, finished),
    { files, out: request.out, options: request.options },
    { batches: (sessionId) => batchSpans(store, sessionId as SessionId, running.lanes) },
  );
  try {
    await dropSuperseded(engine, request.out, report.sessionId, report.sorted);
  } catch (error) {
    // The tracks are made all the same, and the next run tries again.
    logger.warn({ error: errorInfo(error).message }, 'earlier runs could not be deleted');
  }
  const { transactions, rowsWritten } = store.operations();
  const { formats } = planOptions(request.options);
  const written = outputFormats
    .filter((format) => formats.includes(format))
    .map((format) => join(request.out, fileNames[format]));
  const answer: TracksAnswer = {
    status: 'completed',
    sessionId: report.sessionId,
    out: request.out,
    files: written,
    sorted: report.sorted,
    cached: report.cached,
    summary: summaryRecord(report.summary),
    store: { transactions, rowsWritten, transactionsPerBatch: transactions / Math.max(1, report.summary.chunks) },
  };
  return { answer, report };
}

/** Answers for tracks that were made: a history without any point completes with failures. `storeName` as in {@link tracksText}. */
export function tellTracks(terminal: Terminal, made: Made, storeName: string | null): ExitCode {
  terminal.answer(made.answer, () => tracksText(made, storeName));
  const { rows, valid } = made.report.summary;
  if (valid > 0) return exitCodes.complete;
  terminal.complain(`None of the ${number(rows)} rows is a point, so there are no tracks; "skipped" tells why.`);
  return exitCodes.withFailures;
}

/** The answer as text. `storeName`: where the run can be looked at; null: nowhere. */
function tracksText({ answer, report }: Made, storeName: string | null): string {
  const { summary } = report;
  const skipped = Object.entries(summary.skipped).flatMap(([reason, rows]) => (rows > 0 ? [`${number(rows)} ${reason}`] : []));
  const seconds = Math.max(1, summary.elapsedMs) / 1_000;
  return facts([
    ['tracks', `${number(summary.tracks)} (${number(summary.joined)} joined over chunk edges)`],
    ['points', `${number(summary.valid)} of ${number(summary.rows)} rows`],
    ['skipped', skipped.length > 0 ? skipped.join(', ') : undefined],
    ['duplicates', number(summary.duplicates)],
    ['outliers', summary.outliers > 0 ? number(summary.outliers) : undefined],
    ['dwelling', summary.dwelling > 0 ? number(summary.dwelling) : undefined],
    ['lonely', number(summary.lonely)],
    ['batches', batchesText(answer, summary.chunks)],
    ['time', `${seconds.toFixed(1)} s, ${number(summary.valid / seconds)} points/s`],
    ['store', `${answer.store.transactionsPerBatch.toFixed(2)} transactions a batch`],
    ...answer.files.map((file, place) => [place === 0 ? 'outputs' : '', fromHere(file)] as const),
    ['look', storeName === null ? undefined : `millrace show ${shellWord(storeName)}`],
  ]);
}

function batchesText({ cached, sorted }: TracksAnswer, chunks: number): string {
  return `${number(chunks)}${cached > 0 ? `, ${number(chunks - cached)} of them computed anew` : ''}${sorted ? ', after a sort' : ''}`;
}

/** As short as it can be named from the folder that the command was called in. */
function fromHere(file: string): string {
  const short = relative(process.cwd(), file);
  return short.startsWith('..') ? file : short;
}
