import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { writeDemoTracks } from '../src/workloads/tracks/demo/write-demo-tracks.ts';
import { inFreshProcess } from './fresh-process.ts';
import { goal } from './goal.ts';
import { compare, figure, type SelfMeasured } from './measure.ts';
import { numberOption } from './options.ts';

/** How long do tracks take end to end, from a CSV file to both outputs on disk, and how much memory? */
export async function run(): Promise<void> {
  const points = numberOption('points', 5_000_000);
  const csv = await history(points);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const outOf = (type: string): string => join(folder, type);
  const variant = (type: string) => () => inFreshProcess<SelfMeasured>('tracks-variant', [type, csv, outOf(type)]);
  try {
    const measured = await compare(
      `tracks.json and tracks.geojson of ${points.toLocaleString('en')} points of CSV, each in a process of its own (memory store)`,
      {
        'plain loop': variant('plain'),
        'plain loop, two processes': () => twiceAtOnce(variant('plain'), variant('plain-again')),
        'engine, inline': variant('inline'),
        'engine, 2 threads': variant('threads'),
      },
      { rounds: numberOption('rounds', 5) },
    );
    const {
      'plain loop': plain,
      'plain loop, two processes': twice,
      'engine, inline': inline,
      'engine, 2 threads': threads,
    } = measured;
    console.log(
      `         two processes, each with the whole file, over one: ${figure((2 * plain.wallMs) / twice.wallMs)}x: more two threads cannot give here`,
    );
    goal('2 threads over inline', inline.wallMs / threads.wallMs, { atLeast: 1.7 });
    goal('inline over the plain loop', plain.wallMs / inline.wallMs, { atLeast: 0.9 });
    await expectSameBytes(outOf, ['plain', 'inline', 'threads']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What two cores give work that shares nothing. Cores that are one core's two threads give less than twice. */
async function twiceAtOnce(one: () => Promise<SelfMeasured>, other: () => Promise<SelfMeasured>): Promise<SelfMeasured> {
  const [a, b] = await Promise.all([one(), other()]);
  return { wallMs: Math.max(a.wallMs, b.wallMs), cpuMs: a.cpuMs + b.cpuMs, peakMb: a.peakMb + b.peakMb };
}

/** The demonstration's history in time order, written once: under its own name only when it is whole. */
async function history(points: number): Promise<string> {
  const file = join(tmpdir(), `millrace-bench-${points}-points.csv`);
  if (existsSync(file)) return file;
  const draft = `${file}.${process.pid}`;
  await writeDemoTracks({ rows: points, lateRows: false, out: draft });
  renameSync(draft, file);
  return file;
}

async function expectSameBytes(outOf: (type: string) => string, types: readonly string[]): Promise<void> {
  for (const name of ['tracks.json', 'tracks.geojson']) {
    const hashes = await Promise.all(types.map((type) => hashOf(join(outOf(type), name))));
    if (new Set(hashes).size > 1) throw new Error(`${name} is not the same for ${types.join(', ')}`);
  }
  console.log('reached  both files have the same bytes in all three');
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await run();
