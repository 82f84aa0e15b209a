import { createEngine } from '../src/index.ts';
import { runTracks, tracksJobs } from '../src/tracks.ts';
import { planOptions } from '../src/workloads/tracks/options.ts';
import type { SelfMeasured } from './measure.ts';
import { plainTracks } from './plain-tracks.ts';

/** Makes tracks of files in this process: `tracks-variant plain|plain-again|inline|threads FILE[,FILE...] FOLDER`. */
const [type = '', csv = '', out = ''] = process.argv.slice(2);

const cpu = process.cpuUsage();
const startedAt = performance.now();
await (type.startsWith('plain')
  ? plainTracks(csv, out, planOptions().rules)
  : byEngine(type === 'threads' ? 'threads' : 'inline'));
const wallMs = performance.now() - startedAt;
const { user, system } = process.cpuUsage(cpu);
const answer: SelfMeasured = { wallMs, cpuMs: (user + system) / 1_000, peakMb: process.resourceUsage().maxRSS / 1_024 };
process.send?.(answer);

async function byEngine(executor: 'inline' | 'threads'): Promise<void> {
  const engine = await createEngine({ jobs: tracksJobs, executor, workers: 2 });
  await runTracks(engine, { files: csv.split(','), out, options: { formats: ['json', 'geojson'] } });
  await engine.close();
}
