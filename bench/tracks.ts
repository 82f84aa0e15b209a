import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createEngine } from '../src/index.ts';
import { type ChunkOutput, combineChunks } from '../src/workloads/tracks/chunk-output.ts';
import { writeDemoTracks } from '../src/workloads/tracks/demo/write-demo-tracks.ts';
import { dropDuplicates } from '../src/workloads/tracks/drop-duplicates.ts';
import { closeEnds, finalTracks } from '../src/workloads/tracks/final-tracks.ts';
import { inspectFile } from '../src/workloads/tracks/inspect-file.ts';
import { planOptions } from '../src/workloads/tracks/options.ts';
import type { OutputFormat } from '../src/workloads/tracks/outputs/shapes.ts';
import { writeOutputs } from '../src/workloads/tracks/outputs/write-outputs.ts';
import { planSlices } from '../src/workloads/tracks/plan-slices.ts';
import { readSlice } from '../src/workloads/tracks/read-slice.ts';
import { runTracks, tracksJobs } from '../src/workloads/tracks/run-tracks.ts';
import { pathTexts } from '../src/workloads/tracks/segment-paths.ts';
import { segmentPoints } from '../src/workloads/tracks/segment-points.ts';
import { walkPaths } from '../src/workloads/tracks/track-paths.ts';
import { compare, figure } from './measure.ts';

const formats: readonly OutputFormat[] = ['json', 'geojson'];

/** What do two workers gain on a long history, from CSV file to files of tracks, and what does the engine cost? `--points` gives its length. */
export async function run(): Promise<void> {
  const { values } = parseArgs({
    options: { points: { type: 'string', default: '5000000' }, rounds: { type: 'string', default: '3' } },
  });
  const points = Number(values.points);
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  try {
    const file = join(folder, 'history.csv');
    const { bytes } = await writeDemoTracks({ rows: points, lateRows: false, out: file });
    const outOf = (name: string) => join(folder, name);
    const measured = await compare(
      `${points.toLocaleString('en')} points (${figure(bytes / 1e6)} MB), day by day, to tracks.json and tracks.geojson`,
      {
        'plain loop': () => plainLoop(file, outOf('plain')),
        'engine, inline': () => onEngine(file, outOf('inline'), 'inline'),
        'engine, 2 threads': () => onEngine(file, outOf('threads'), 'threads'),
      },
      { rounds: Number(values.rounds), operations: points },
    );
    for (const name of ['inline', 'threads']) await expectSame(outOf('plain'), outOf(name));
    const fastest = measured['engine, 2 threads'];
    console.log(`\nThe same bytes from all three. 2 threads: ${figure(points / (fastest.wallMs / 1_000))} points a second.`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function onEngine(file: string, out: string, executor: 'inline' | 'threads'): Promise<void> {
  await using engine = await createEngine({ jobs: [...tracksJobs], executor, ...(executor === 'threads' && { workers: 2 }) });
  await runTracks(engine, { files: [file], out, options: { formats } });
}

/** What one would write without an engine: range by range, in one thread, with the same parser, rules and writers. */
async function plainLoop(file: string, out: string): Promise<void> {
  const { rules, chunkMs } = planOptions();
  const run = await inspectFile(file, out, 0);
  const outputs: ChunkOutput[] = [];
  for (const slice of planSlices([run], chunkMs ?? Number.POSITIVE_INFINITY)) {
    const { points, counts } = readSlice(slice, [run], () => {});
    const duplicates = dropDuplicates(points);
    const segments = segmentPoints(points, rules);
    const paths = pathTexts(points, segments, { geojson: true, gpx: false, preview: false });
    const { table, count, lonely } = segments;
    outputs.push({ table, segments: count, lonely, duplicates, counts, rules, paths });
  }
  const { table } = closeEnds(outputs.reduce(combineChunks));
  const summary = { rows: 0, valid: 0, skipped: {}, duplicates: 0, lonely: 0, tracks: 0, chunks: 0, joined: 0, elapsedMs: 0 };
  const paths = () => walkPaths(each(outputs), table).pieces();
  await writeOutputs(out, { tracks: finalTracks(table), paths, summary, batches: [] }, formats);
}

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

/** A variant that does not do the work must not win. */
async function expectSame(left: string, right: string): Promise<void> {
  for (const name of ['tracks.json', 'tracks.geojson']) {
    const [a, b] = await Promise.all([readFile(join(left, name)), readFile(join(right, name))]);
    if (!a.equals(b)) throw new Error(`${name} differs between ${left} and ${right}`);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await run();
