import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { memory } from '../../../src/adapters/stores/memory.ts';
import { createEngine } from '../../../src/create-engine.ts';
import type { ExecutorName } from '../../../src/model/job.ts';
import {
  type AnnotationsHooks,
  type AnnotationsReport,
  type AnnotationsRequest,
  annotationsJobs,
  runAnnotations,
} from '../../../src/workloads/annotations/run-annotations.ts';

/** A folder of the test's own, in which annotations are taken in. */
export interface AnnotationsWorld extends Disposable {
  path(name: string): string;
  write(name: string, content: string | Uint8Array): string;
  read(name: string): string;
  run(request: Partial<AnnotationsRequest>, how?: How): Promise<AnnotationsReport>;
  /** Status, code, number of items and alignment of each line, with blanks between. */
  lines(out?: string): string[];
}

export interface How {
  readonly executor?: ExecutorName;
  readonly workers?: number;
  readonly jobs?: NonNullable<AnnotationsHooks['jobs']>;
}

export function annotationsWorld(): AnnotationsWorld {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-annotations-'));
  const path = (name: string): string => join(folder, name);
  return {
    path,
    write(name, content) {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), content);
      return path(name);
    },
    read: (name) => readFileSync(path(name), 'utf8'),
    async run({ files = [path('records.jsonl')], references = path('docs.jsonl'), out = path('out'), options }, how = {}) {
      const { executor = 'inline', workers = 2, jobs } = how;
      const engine = await createEngine({
        store: memory(),
        jobs: jobs ? [jobs.check, jobs.align] : annotationsJobs,
        executor,
        workers,
      });
      try {
        return await runAnnotations(engine, { files, references, out, ...(options && { options }) }, jobs ? { jobs } : {});
      } finally {
        await engine.close();
      }
    },
    lines: (out = 'out') =>
      readFileSync(path(`${out}/lines.tsv`), 'utf8')
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((row) => row.split('\t').slice(2, 6).join(' ').trim()),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Lines of JSON. */
export function jsonLines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}
