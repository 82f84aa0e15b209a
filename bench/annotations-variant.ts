import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../src/index.ts';
import { alignAnnotations } from '../src/workloads/annotations/align-text.ts';
import { canonicalJson } from '../src/workloads/annotations/format/fields.ts';
import { readDocument, readRecord, type Source } from '../src/workloads/annotations/format/read-record.ts';
import { annotationsJobs, runAnnotations } from '../src/workloads/annotations/run-annotations.ts';
import type { WholeText } from '../src/workloads/text/find-text.ts';
import type { SelfMeasured } from './measure.ts';

/** Takes in annotations in this process: `annotations-variant plain|inline|threads RECORDS REFERENCES FOLDER`. */
const [type, records = '', references = '', out = ''] = process.argv.slice(2);

const cpu = process.cpuUsage();
const startedAt = performance.now();
await (type === 'plain' ? plainly() : byEngine(type === 'threads' ? 'threads' : 'inline'));
const wallMs = performance.now() - startedAt;
const { user, system } = process.cpuUsage(cpu);
const answer: SelfMeasured = { wallMs, cpuMs: (user + system) / 1_000, peakMb: process.resourceUsage().maxRSS / 1_024 };
process.send?.(answer);

async function byEngine(executor: 'inline' | 'threads'): Promise<void> {
  const engine = await createEngine({ jobs: annotationsJobs, executor, workers: 2 });
  await runAnnotations(engine, { files: [records], references, out });
  await engine.close();
}

/** The same functions in one loop, with everything in memory: what one would write without an engine. */
function plainly(): void {
  const nameOf = ({ sourcedb, sourceid }: Source): string => JSON.stringify([sourcedb, sourceid]);
  const texts = new Map<string, WholeText>();
  for (const line of linesOf(references)) {
    const read = readDocument(line, 100);
    if ('value' in read) texts.set(nameOf(read.value), { text: read.value.text });
  }
  const accepted: string[] = [];
  const rows: string[] = [];
  for (const line of linesOf(records)) {
    const read = readRecord(line, 100);
    const reference = 'value' in read ? texts.get(nameOf(read.value)) : undefined;
    if (!('value' in read) || !reference) continue;
    const { sourcedb, sourceid, origin, text, annotations } = read.value;
    const aligned = alignAnnotations(text, annotations, reference);
    if ('code' in aligned) continue;
    const json = canonicalJson(aligned.annotations);
    rows.push(`${aligned.alignment}\t${createHash('sha1').update(json).digest('hex')}\n`);
    accepted.push(`${canonicalJson({ ...origin, sourcedb, sourceid }).slice(0, -1)},${json.slice(1)}\n`);
  }
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'annotations.jsonl'), accepted.join(''));
  writeFileSync(join(out, 'lines.tsv'), rows.join(''));
}

function* linesOf(file: string): Generator<Uint8Array> {
  const bytes = readFileSync(file);
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at);
    yield bytes.subarray(at, end);
    at = end + 1;
  }
}
