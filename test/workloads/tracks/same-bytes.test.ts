import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { memory } from '../../../src/adapters/stores/memory.ts';
import { sqlite } from '../../../src/adapters/stores/sqlite.ts';
import { createEngine } from '../../../src/create-engine.ts';
import type { Engine } from '../../../src/engine/api/api.ts';
import { runTracks, tracksJobs } from '../../../src/tracks.ts';
import { writeDemoTracks } from '../../../src/workloads/tracks/demo/write-demo-tracks.ts';
import type { TracksOptions } from '../../../src/workloads/tracks/options.ts';
import { missingData, sharedData } from '../../support/shared-data.ts';
import { suite } from '../../support/suite.ts';

// Promise 1, on the main workload: whatever the cut, the workers, the executor and the store, the files have the same bytes.
const test = suite('the bytes of tracks');

const chunks: readonly NonNullable<TracksOptions['chunk']>[] = ['1h', '1d', '7d', 'all'];
const places = [
  { executor: 'inline', workers: 1 },
  { executor: 'threads', workers: 1 },
  { executor: 'threads', workers: 2 },
  { executor: 'threads', workers: 4 },
] as const;
/** Processes take half a second to begin, so that they are tried on one history only. */
const apart = [{ executor: 'processes', workers: 2 }] as const;
type Place = (typeof places | typeof apart)[number];
const stores = ['memory', 'sqlite'] as const;

/** Runs one body on an engine of each kind. */
async function onEveryEngine(folder: string, kinds: readonly Place[], body: (engine: Engine, name: string) => Promise<void>) {
  for (const place of kinds) {
    for (const kind of stores) {
      const name = `${place.executor}-${place.workers}-${kind}`;
      const store = kind === 'memory' ? memory() : sqlite(join(folder, `${name}.db`));
      const engine = await createEngine({ jobs: tracksJobs, store, ...place });
      try {
        await body(engine, name);
      } finally {
        await engine.close();
      }
    }
  }
}

async function hashesOf(engine: Engine, file: string, out: string, chunk: (typeof chunks)[number]): Promise<string> {
  await runTracks(engine, { files: [file], out, options: { chunk, formats: ['json', 'geojson'] } });
  const files = ['tracks.json', 'tracks.geojson'].map((name) => readFile(join(out, name)));
  const hashes = (await Promise.all(files)).map((bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16));
  await rm(out, { recursive: true });
  return hashes.join(' ');
}

async function sameEverywhere(files: readonly string[], kinds: readonly Place[] = places): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bytes-'));
  const expected = new Map<string, string>();
  try {
    await onEveryEngine(folder, kinds, async (engine, name) => {
      for (const file of files) {
        for (const chunk of chunks) {
          const hashes = await hashesOf(engine, file, join(folder, 'out'), chunk);
          const first = expected.get(file) ?? hashes;
          expected.set(file, first);
          assert.is(hashes, first, `${file} in chunks of ${chunk} on ${name}`);
        }
      }
    });
    assert.is(expected.size, files.length);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Real histories of more than 1,000 rows. */
async function longHistories(): Promise<string[]> {
  const folder = sharedData('tracks/points/');
  const long: string[] = [];
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), 'latin1');
    if (text.split('\n').length > 1_001) long.push(join(folder, name));
  }
  return long;
}

test.unless(
  missingData('tracks/points'),
  'are the same on every real history for each chunk size, worker count, executor and store',
  async () => sameEverywhere(await longHistories()),
  { timeoutMs: 300_000 },
);

test(
  'are the same on the demonstration for each chunk size, worker count, executor and store',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-demo-'));
    try {
      const file = join(folder, 'demo.csv');
      await writeDemoTracks({ days: 21, seed: 7, out: file });
      await sameEverywhere([file], [...places, ...apart]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  { timeoutMs: 120_000 },
);

test.run();
