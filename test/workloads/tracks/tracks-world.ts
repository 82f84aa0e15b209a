import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CsvRun } from '../../../src/workloads/tracks/history.ts';
import { inspectFile } from '../../../src/workloads/tracks/inspect-file.ts';
import type { TracksOptions } from '../../../src/workloads/tracks/options.ts';
import { runTracks, type TracksReport } from '../../../src/workloads/tracks/run-tracks.ts';
import { type Combining, sequentialEngine } from '../../support/sequential-tracks-engine.ts';

/** A folder of its own, and what tests do in it. */
export interface TracksWorld extends Disposable {
  readonly folder: string;
  /** Writes an input; answers its path. */
  file(name: string, content: string | Uint8Array): string;
  run(
    files: readonly string[],
    options?: TracksOptions,
    combining?: Combining,
  ): Promise<TracksReport & { outputs: Outputs; started: readonly string[] }>;
}

/** The files that depend on the history only. */
export interface Outputs {
  readonly json: string;
  readonly geojson: string;
  readonly gpx: string;
}

/** Looks into a file that must be CSV. */
export async function inspectCsv(path: string, folder: string, number: number): Promise<CsvRun> {
  const source = await inspectFile(path, folder, number);
  if (source.type !== 'csv') throw new Error(`${path} is taken for ${source.format}`);
  return source;
}

export function tracksWorld(): TracksWorld {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  let runs = 0;
  return {
    folder,
    file(name, content) {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    },
    async run(files, options = {}, combining = 'pairs') {
      const out = join(folder, `out-${++runs}`);
      const engine = sequentialEngine(combining);
      const report = await runTracks(engine, { files, out, options: { formats: ['json', 'geojson', 'gpx'], ...options } });
      const read = (name: string) => readFileSync(join(out, name), 'utf8');
      const outputs = { json: read('tracks.json'), geojson: read('tracks.geojson'), gpx: read('tracks.gpx') };
      return { ...report, outputs, started: engine.started };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
