import { resolve } from 'node:path';
import { defineJob, type FinalizeContext } from '../../model/job.ts';
import { workModule } from '../../model/work.ts';
import { type ChunkOutput, combineChunks } from './chunk-output.ts';
import { type Cleaning, reachOf } from './clean-points.ts';
import { closeEnds, finalTracks } from './final-tracks.ts';
import type { Run, TimeSlice } from './history.ts';
import { fingerprintRuns } from './input-fingerprint.ts';
import type { TracksPlan } from './options.ts';
import type { FinalTrack, OutputFormat, RunSummary, TrackPaths } from './outputs/shapes.ts';
import { writeOutputs } from './outputs/write-outputs.ts';
import { devicesOf, planDevices } from './plan-slices.ts';
import { addCounts, emptyTally, type RowCounts } from './row-counts.ts';
import type { PathKinds } from './segment-paths.ts';
import { simplifyPieces } from './simplify-pieces.ts';
import { walkPaths } from './track-paths.ts';
import type work from './tracks.work.ts';
import type { TracksSettings } from './tracks.work.ts';
import { validateTracks } from './validate-tracks.ts';
import { rangeOf, withContents } from './with-contents.ts';
import { withNeighbours } from './with-neighbours.ts';

/** What one session makes tracks of. Made by `runTracks`, which looks into the files. */
export interface TracksInput {
  /** The history: the stable merge of its runs. */
  readonly runs: readonly Run[];
  readonly plan: TracksPlan;
  /** The folder for the outputs; null: none are written. */
  readonly out: string | null;
  /** Names of the inputs, for the reader. */
  readonly names: readonly string[];
  /** Whose history it is, for the reader. */
  readonly user?: string;
  /** Rows that were counted when the inputs were sorted; null when the runs are the inputs themselves. */
  readonly sorted: RowCounts | null;
}

/** What a session gives: numbers, and the tracks as a table of doubles. */
export interface TracksResult {
  /** A row per track, in time order: `finalTracks(table)` reads it. */
  readonly table: Float64Array;
  /** Names of the devices, by the numbers in the table; none where they are not told apart. */
  readonly devices: readonly string[];
  readonly counts: RowCounts;
  readonly duplicates: number;
  /** Points that were too fast. */
  readonly outliers: number;
  /** Points amid a stay. */
  readonly dwelling: number;
  readonly lonely: number;
  readonly tracks: number;
  readonly chunks: number;
  readonly joined: number;
}

/** A day: over more than that, nobody can be said to have stayed, however long the gap of the rules is. */
const longestStep = 86_400_000;

/** Formats that tell of the tracks only, and not of the run: the same for every cut, so that `finalize` writes them. */
const dataFormats: readonly OutputFormat[] = ['json', 'geojson', 'gpx'];

/**
 * Makes tracks of a location history. The result, and the files of tracks, are the same bytes for every chunk size and number of workers.
 *
 * It fails as a whole: a history with a hole would have other tracks.
 */
export const tracksJob = defineJob(workModule<typeof work>(workUrl('tracks.work')), {
  name: 'tracks',
  version: '4',
  slices({ runs, plan }: TracksInput) {
    const slices = planDevices(runs, plan.chunkMs ?? Number.POSITIVE_INFINITY);
    const reachMs = reachOf(cleaningOf(plan));
    const wide = reachMs === 0 ? slices : withNeighbours(slices, reachMs);
    return plan.mode === 'bulk' ? wide : withContents(wide, runs, reachMs);
  },
  settings: (input) => ({ runs: input.runs, ...outputSettings(input) }),
  incremental: {
    series: ({ plan, user, out }) => (plan.mode === 'bulk' ? null : `tracks:${user ?? ''}:${out === null ? '' : resolve(out)}`),
    settings: outputSettings,
    part: (slice: TimeSlice) => (slice.content === undefined ? undefined : { range: rangeOf(slice), content: slice.content }),
  },
  combine: combineChunks,
  finalize: makeTracks,
  partial: 'forbid',
  key: ({ runs, out }) => `tracks:${out === null ? '' : resolve(out)}:${runs.map(({ file }) => file).join(':')}`,
  fingerprint: ({ runs, plan }) => fingerprintRuns(runs, plan),
  metadata: ({ names, plan, out, user }) => ({
    mode: plan.mode,
    ...(user !== undefined && { user }),
    inputs: [...names],
    out,
    settings: { ...plan, rules: { ...plan.rules }, formats: [...plan.formats] },
  }),
});

/** All that the output of a range depends on, besides its points. */
function outputSettings({ plan, out }: TracksInput): Omit<TracksSettings, 'runs'> {
  return { rules: plan.rules, cleaning: cleaningOf(plan), paths: pathKinds(plan, out !== null) };
}

/** Which paths the workers write: those of simplified tracks are written when these are whole. */
function pathKinds({ formats, simplifyM }: TracksPlan, isWritten: boolean): PathKinds {
  const has = (format: OutputFormat): boolean => isWritten && formats.includes(format);
  const isPlain = simplifyM === null;
  return {
    geojson: isPlain && has('geojson'),
    gpx: isPlain && has('gpx'),
    points: !isPlain && (has('geojson') || has('gpx')),
    preview: has('report'),
  };
}

function cleaningOf({ dedupe, maxSpeed, dwell, rules }: TracksPlan): Cleaning {
  return { dedupe, maxSpeed, dwell: dwell && { ...dwell, stepMs: Math.min(rules.gapMs, longestStep) } };
}

/** The URL of a work module beside this one: `.ts` in the sources, `.js` when built. */
export function workUrl(name: string): URL {
  return new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
}

async function makeTracks(context: FinalizeContext<ChunkOutput, TracksInput>): Promise<TracksResult> {
  const { combined, outputs, counts, input } = context;
  const { table, lonely } = combined ? closeEnds(combined) : { table: new Float64Array(0), lonely: 0 };
  const read = combined?.counts ?? emptyTally();
  const duplicates = combined?.duplicates ?? 0;
  const outliers = combined?.outliers ?? 0;
  const dwelling = combined?.dwelling ?? 0;
  const devices = devicesOf(input.runs);
  const tracks = finalTracks(table, devices);
  validateTracks(tracks, read.valid - duplicates - outliers - dwelling, lonely);
  const walk = walkPaths(outputs, table);
  const result: TracksResult = {
    table,
    devices,
    counts: input.sorted ? { ...addCounts(input.sorted, emptyTally()) } : read,
    duplicates,
    outliers,
    dwelling,
    lonely,
    tracks: tracks.length,
    chunks: counts.batches.total,
    joined: 0,
  };
  const { simplifyM } = input.plan;
  const pieces = simplifyM === null ? walk.pieces : () => simplifyPieces(walk.pieces(), simplifyM);
  const pathsWritten = await writeData(input, tracks, result, pieces);
  if (!pathsWritten) for await (const _ of walk.pieces());
  return { ...result, joined: walk.joined() };
}

/** Writes the files of tracks; true when the paths were walked for it. */
async function writeData(
  { out, plan, names }: TracksInput,
  tracks: readonly FinalTrack[],
  result: TracksResult,
  paths: () => TrackPaths,
): Promise<boolean> {
  const formats = plan.formats.filter((format) => dataFormats.includes(format));
  if (out === null || formats.length === 0) return false;
  await writeOutputs(out, { tracks, paths, summary: summaryOf(result, names, 0), batches: [] }, formats);
  return formats.some((format) => format !== 'json');
}

/** The result in the words of the summary. */
export function summaryOf(result: TracksResult, names: readonly string[], elapsedMs: number): RunSummary {
  const { counts, duplicates, outliers, dwelling, lonely, tracks, chunks, joined } = result;
  return { inputs: names, ...counts, duplicates, outliers, dwelling, lonely, tracks, chunks, joined, elapsedMs };
}
