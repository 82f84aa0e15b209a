import { resolve } from 'node:path';
import { type Clock, systemClock } from '../../model/clock.ts';
import { type ErrorCode, type ErrorInfo, InvalidOptionError, MillraceError } from '../../model/errors.ts';
import type { WorkloadEngine, WorkloadSession } from '../engine-part.ts';
import { openWorkFolder, removeWorkFolder } from '../output/work-folder.ts';
import type { ChunkOutput } from './chunk-output.ts';
import { finalTracks } from './final-tracks.ts';
import type { CsvRun, SourceFile } from './history.ts';
import { checkReadable, inspectFile, seemsOrdered } from './inspect-file.ts';
import { planOptions, type TracksOptions, type TracksPlan } from './options.ts';
import type { BatchSpan, FinalTrack, OutputFormat, RunSummary } from './outputs/shapes.ts';
import { writeOutputs } from './outputs/write-outputs.ts';
import { tracksSortJob } from './sort-job.ts';
import { walkPaths } from './track-paths.ts';
import { summaryOf, type TracksInput, type TracksResult, tracksJob } from './tracks-job.ts';

/** The jobs that `runTracks` starts: give them to `createEngine`. */
export const tracksJobs = [tracksJob, tracksSortJob] as const;

/** What to make tracks of. */
export interface TracksRequest {
  /** Files of any known format, also packed by gzip: one history, in this order where times are equal. At least one. */
  readonly files: readonly string[];
  /** Folder for the outputs, made if it is missing. Absent: none are written. */
  readonly out?: string;
  /** Of a user with settings: `await settings(user)`, with `createUserSettings`. The session notes them in its metadata. */
  readonly options?: TracksOptions;
  /** Whose history it is: a name for the session's metadata, and, with the folder, of what incremental runs keep. */
  readonly user?: string;
}

/** What a caller may want to see or bring. */
export interface TracksHooks {
  /** Called with each session when it has started: first, perhaps, the sort, then the tracks. */
  onSession?(session: WorkloadSession<unknown, unknown>, stage: 'sort' | 'tracks'): void;
  /** The timeline of a session's batches, for the report. @default none */
  batches?(sessionId: string): Promise<readonly BatchSpan[]>;
  /** Cancels what runs. */
  signal?: AbortSignal;
  /** @default the machine's clock */
  clock?: Clock;
}

/** What came out. */
export interface TracksReport {
  readonly sessionId: string;
  /** In time order. */
  readonly tracks: readonly FinalTrack[];
  readonly summary: RunSummary;
  /** Whether the inputs had to be sorted first. */
  readonly sorted: boolean;
  /** Of the summary's chunks, those that an earlier incremental run had computed. */
  readonly cached: number;
}

/**
 * Makes tracks of location histories, on an engine whose jobs include {@link tracksJobs}: looks into the files, sorts them if they are not in time order, runs the sessions and writes the outputs.
 *
 * @throws InvalidOptionError, MillraceError `NO_READABLE_INPUT` before anything runs; SessionError when a session does not complete.
 */
export async function runTracks(engine: WorkloadEngine, request: TracksRequest, hooks: TracksHooks = {}): Promise<TracksReport> {
  const clock = hooks.clock ?? systemClock;
  const startedAt = clock.now();
  const { files } = request;
  if (files.length === 0) throw new InvalidOptionError('files', files, 'at least one file');
  const plan = planOptions(request.options);
  for (const file of files) await checkReadable(file, plan.device ?? undefined);
  const folder = await openWorkFolder(files, request.out, plan);
  try {
    const sources: SourceFile[] = [];
    for (const [number, file] of files.entries()) sources.push(await inspectFile(file, folder, number, plan.device ?? undefined));
    const out = request.out === undefined ? null : resolve(request.out);
    const done = await makeInOrder(
      engine,
      sources,
      { plan, out, names: [...files], ...(request.user !== undefined && { user: request.user }) },
      folder,
      hooks,
    );
    const result = await done.session.result();
    const tracks = finalTracks(result.table, result.devices);
    const summary = summaryOf(result, files, await elapsed(done, startedAt, clock.now()));
    if (out !== null) await writeRunFiles(out, plan, done.session, result, { tracks, summary }, hooks);
    await removeWorkFolder(folder);
    const { counts } = await done.session.outcome();
    return { sessionId: done.session.id, tracks, summary, sorted: done.sort !== null, cached: counts.batches.cached ?? 0 };
  } catch (error) {
    if (!(leavesSessionLive(error) && engine.store.supports.durable)) await removeWorkFolder(folder);
    throw error;
  }
}

/** A session that a closing engine or a failing store leaves can be resumed, and needs its sorted files then. */
function leavesSessionLive(error: unknown): boolean {
  return error instanceof MillraceError && (error.code === 'ENGINE_CLOSED' || error.code === 'STORE_FAILED');
}

/** From the beginning of the work, be it in an earlier process: what was done before an interruption took its time, too. */
async function elapsed({ session, sort }: Done, calledAt: number, now: number): Promise<number> {
  const [{ startedAt, endedAt }, sorted] = await Promise.all([session.state(), sort?.state()]);
  const beganAt = Math.min(calledAt, startedAt ?? calledAt, sorted?.startedAt ?? calledAt);
  // Its outputs alone were left to be written, perhaps days later: those days were no work.
  return endedAt !== null && endedAt < calledAt ? endedAt - beganAt : now - beganAt;
}

interface Done {
  readonly session: WorkloadSession<TracksResult, ChunkOutput>;
  /** Null: the inputs were in order. */
  readonly sort: WorkloadSession<unknown, unknown> | null;
}

/** Tries with files of CSV as they are, unless they are seen to be out of order; sorts when a worker finds them so, and reads other formats. */
async function makeInOrder(
  engine: WorkloadEngine,
  sources: readonly SourceFile[],
  input: Omit<TracksInput, 'runs' | 'sorted'>,
  folder: string,
  hooks: TracksHooks,
): Promise<Done> {
  if (mayRunAsTheyAre(input.plan) && sources.every(isCsv) && sources.every(seemsOrdered)) {
    const session = await startTracks(engine, { ...input, runs: sources, sorted: null }, hooks);
    if (!(await failedWith(session, 'SOURCE_NOT_ORDERED'))) return { session, sort: null };
  }
  const { sortMemory: size, device } = input.plan;
  const sort = await engine.start(tracksSortJob, { runs: sources, folder, size, byDevice: device !== null }, startOptions(hooks));
  hooks.onSession?.(sort, 'sort');
  const refused = await failedWith(sort, 'NO_READABLE_INPUT');
  if (refused) throw new MillraceError('NO_READABLE_INPUT', refused.message);
  const { runs, counts } = await sort.result();
  return { session: await startTracks(engine, { ...input, runs, sorted: counts }, hooks), sort };
}

/** Devices must be told apart first. And incremental runs look at points, wherever they lie: late ones make a file one that must be sorted. */
function mayRunAsTheyAre({ mode, device }: TracksPlan): boolean {
  return mode === 'bulk' && device === null;
}

function isCsv(source: SourceFile): source is CsvRun {
  return source.type === 'csv';
}

async function startTracks(
  engine: WorkloadEngine,
  input: TracksInput,
  hooks: TracksHooks,
): Promise<WorkloadSession<TracksResult, ChunkOutput>> {
  const session = await engine.start(tracksJob, input, startOptions(hooks));
  hooks.onSession?.(session, 'tracks');
  await session.outcome();
  return session;
}

function startOptions({ signal }: TracksHooks): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}

/** The error with this code that a failed session ended with, or one of its chunks. */
async function failedWith(session: WorkloadSession<unknown, unknown>, code: ErrorCode): Promise<ErrorInfo | undefined> {
  const outcome = await session.outcome();
  if (outcome.status !== 'failed') return undefined;
  const found = causeWith(outcome.error, code);
  if (found) return found;
  for await (const letter of session.deadLetters()) {
    const cause = causeWith(letter.error, code);
    if (cause) return cause;
  }
  return undefined;
}

function causeWith(error: ErrorInfo | undefined, code: ErrorCode): ErrorInfo | undefined {
  return error === undefined || error.code === code ? error : causeWith(error.cause, code);
}

/** Formats that tell of the run itself: its time and its batches are known only when it is over. */
const runFormats: readonly OutputFormat[] = ['summary', 'report'];

async function writeRunFiles(
  out: string,
  plan: TracksPlan,
  session: WorkloadSession<TracksResult, ChunkOutput>,
  result: TracksResult,
  { tracks, summary }: Pick<TracksReport, 'tracks' | 'summary'>,
  hooks: TracksHooks,
): Promise<void> {
  const formats = plan.formats.filter((format) => runFormats.includes(format));
  if (formats.length === 0) return;
  const batches = (await hooks.batches?.(session.id)) ?? [];
  const paths = () => walkPaths(session.outputs(), result.table).pieces();
  await writeOutputs(out, { tracks, paths, summary, batches }, formats);
}
