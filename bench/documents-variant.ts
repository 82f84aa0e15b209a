import { documentsJobs, runDocuments } from '../src/documents.ts';
import { createEngine } from '../src/index.ts';
import type { SelfMeasured } from './measure.ts';

/** Reads a PDF in this process: `documents-variant inline|threads|processes FILE FOLDER`. */
const [type, file = '', out = ''] = process.argv.slice(2);
const executor = type === 'threads' || type === 'processes' ? type : 'inline';

const cpu = process.cpuUsage();
const startedAt = performance.now();
const engine = await createEngine({ jobs: [...documentsJobs], executor, workers: 2 });
await runDocuments(engine, { files: [file], out, options: { executor, fresh: true } });
await engine.close();
const wallMs = performance.now() - startedAt;
const { user, system } = process.cpuUsage(cpu);
const answer: SelfMeasured = { wallMs, cpuMs: (user + system) / 1_000, peakMb: process.resourceUsage().maxRSS / 1_024 };
process.send?.(answer);
