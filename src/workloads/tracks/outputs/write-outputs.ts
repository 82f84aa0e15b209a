import { mkdir } from 'node:fs/promises';
import { MillraceError } from '../../../model/errors.ts';
import { type StagedFile, stageFile, syncFolder } from '../../output/staged-file.ts';
import type { OutputWriter } from './output-writer.ts';
import { createReport } from './report/create-report.ts';
import { type OutputFormat, type OutputSources, outputFormats } from './shapes.ts';
import { createSummaryJson } from './summary-json.ts';
import { createTracksGeojson } from './tracks-geojson.ts';
import { createTracksGpx } from './tracks-gpx.ts';
import { createTracksJson } from './tracks-json.ts';

interface Format {
  readonly fileName: string;
  readonly needsPaths: boolean;
  create(file: StagedFile, sources: OutputSources): OutputWriter;
}

const formatsByName: Readonly<Record<OutputFormat, Format>> = {
  json: { fileName: 'tracks.json', needsPaths: false, create: createTracksJson },
  geojson: { fileName: 'tracks.geojson', needsPaths: true, create: createTracksGeojson },
  gpx: { fileName: 'tracks.gpx', needsPaths: true, create: createTracksGpx },
  report: { fileName: 'report.html', needsPaths: true, create: (file, sources) => createReport(file, sources) },
  summary: { fileName: 'summary.json', needsPaths: false, create: (file, { summary }) => createSummaryJson(file, summary) },
};

/**
 * Writes the outputs into a folder, which is made if it is missing. All of them are streamed side by side in one pass over the paths, in bounded memory.
 *
 * Every file is written whole, under another name, and synced, before the first one takes its place: when anything fails before that,
 * the folder is as it was. `summary.json` is replaced last.
 *
 * @returns The paths of the files, in the order in which they took their places.
 * @throws MillraceError `FINALIZE_FAILED` when the paths do not go with the tracks; else what the file system or `paths` threw.
 */
export async function writeOutputs(
  folder: string,
  sources: OutputSources,
  formats: readonly OutputFormat[] = outputFormats,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const chosen = outputFormats.filter((format) => formats.includes(format)).map((format) => formatsByName[format]);
  const files: StagedFile[] = [];
  try {
    for (const { fileName } of chosen) files.push(await stageFile(folder, fileName));
    const writers = chosen.map((format, place) => format.create(files[place] as StagedFile, sources));
    await writeAll(
      writers,
      files,
      sources,
      chosen.some(({ needsPaths }) => needsPaths),
    );
    for (const file of files) await file.seal();
    for (const file of files) await file.publish();
  } catch (error) {
    // What went wrong first is what the caller must see; a file that could not be removed still has `.tmp-` in its name.
    await Promise.allSettled(files.map((file) => file.discard()));
    throw error;
  }
  await syncFolder(folder);
  return files.map(({ path }) => path);
}

async function writeAll(
  writers: readonly OutputWriter[],
  files: readonly StagedFile[],
  sources: OutputSources,
  withPaths: boolean,
): Promise<void> {
  for (const writer of writers) writer.begin();
  const steps = withPaths ? writePaths(writers, sources) : writeTracks(writers, sources);
  for await (const _ of steps) if (files.some(({ isFull }) => isFull)) await flushAll(files);
  for (const writer of writers) writer.end();
}

/** Yields after each step, so that what was added can be flushed. */
async function* writePaths(writers: readonly OutputWriter[], { tracks, paths }: OutputSources): AsyncGenerator<void> {
  let place = -1;
  const moveTo = (next: number): void => {
    if (place >= 0) for (const writer of writers) writer.closeTrack(tracks[place] as OutputSources['tracks'][number]);
    place = next;
    const track = tracks[place];
    if (track) for (const writer of writers) writer.openTrack(track);
  };
  for await (const piece of paths()) {
    if (piece.track === place + 1) moveTo(piece.track);
    if (piece.track !== place || place >= tracks.length) throw outOfPlace(piece.track, place, tracks.length);
    for (const writer of writers) writer.addPiece(piece);
    yield;
  }
  if (place + 1 !== tracks.length) throw outOfPlace(undefined, place, tracks.length);
  moveTo(tracks.length);
}

async function* writeTracks(writers: readonly OutputWriter[], { tracks }: OutputSources): AsyncGenerator<void> {
  for (const track of tracks) {
    for (const writer of writers) writer.openTrack(track);
    for (const writer of writers) writer.closeTrack(track);
    yield;
  }
}

function outOfPlace(came: number | undefined, place: number, count: number): MillraceError {
  const what = came === undefined ? `ended after track ${place}` : `gave track ${came} after track ${place}`;
  return new MillraceError(
    'FINALIZE_FAILED',
    `The paths of ${count} tracks must come in track order, none left out; they ${what}.`,
  );
}

async function flushAll(files: readonly StagedFile[]): Promise<void> {
  for (const file of files) await file.flush();
}
