import { join, relative } from 'node:path';
import type { SessionId } from '../../model/ids.ts';
import { planOptions } from '../../workloads/tracks/options.ts';
import { outputFormats } from '../../workloads/tracks/outputs/shapes.ts';
import { summaryRecord } from '../../workloads/tracks/outputs/summary-json.ts';
import { runTracks, type TracksReport } from '../../workloads/tracks/run-tracks.ts';
import { batchSpans } from '../store/batch-spans.ts';
import { facts, number, shellWord } from '../terminal/words.ts';
import type { Running } from '../with-engine.ts';
import type { RecordedRequest } from './request.ts';
import { createTracksEngine } from './tracks-engine.ts';

/** What the command answers. */
export interface TracksAnswer {
  readonly status: 'completed';
  readonly sessionId: string;
  readonly out: string;
  readonly files: readonly string[];
  readonly sorted: boolean;
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

/** Makes tracks as asked, or goes on with what was interrupted. */
export async function makeTracks(
  running: Running,
  request: RecordedRequest,
  finished?: string,
): Promise<{
  readonly answer: TracksAnswer;
  readonly report: TracksReport;
}> {
  const { store } = running.engine;
  const files = request.files.map(({ path }) => path);
  const report = await runTracks(
    createTracksEngine(running, request, finished),
    { files, out: request.out, options: request.options },
    { batches: (sessionId) => batchSpans(store, sessionId as SessionId, running.lanes) },
  );
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
    summary: summaryRecord(report.summary),
    store: { transactions, rowsWritten, transactionsPerBatch: transactions / Math.max(1, report.summary.chunks) },
  };
  return { answer, report };
}

/** The answer as text. `storeName`: where the run can be looked at; null: nowhere. */
export function tracksText({ answer, report }: Awaited<ReturnType<typeof makeTracks>>, storeName: string | null): string {
  const { summary } = report;
  const skipped = Object.entries(summary.skipped).flatMap(([reason, rows]) => (rows > 0 ? [`${number(rows)} ${reason}`] : []));
  const seconds = Math.max(1, summary.elapsedMs) / 1_000;
  return facts([
    ['tracks', `${number(summary.tracks)} (${number(summary.joined)} joined over chunk edges)`],
    ['points', `${number(summary.valid)} of ${number(summary.rows)} rows`],
    ['skipped', skipped.length > 0 ? skipped.join(', ') : undefined],
    ['duplicates', number(summary.duplicates)],
    ['lonely', number(summary.lonely)],
    ['batches', `${number(summary.chunks)}${answer.sorted ? ', after a sort' : ''}`],
    ['time', `${seconds.toFixed(1)} s, ${number(summary.valid / seconds)} points/s`],
    ['store', `${answer.store.transactionsPerBatch.toFixed(2)} transactions a batch`],
    ...answer.files.map((file, place) => [place === 0 ? 'outputs' : '', fromHere(file)] as const),
    ['look', storeName === null ? undefined : `millrace show ${shellWord(storeName)}`],
  ]);
}

/** As short as it can be named from the folder that the command was called in. */
function fromHere(file: string): string {
  const short = relative(process.cwd(), file);
  return short.startsWith('..') ? file : short;
}
