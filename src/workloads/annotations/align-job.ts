import { join, resolve } from 'node:path';
import { defineJob, type Job } from '../../model/job.ts';
import { type Work, workModule } from '../../model/work.ts';
import { workUrl } from '../work-url.ts';
import type work from './align.work.ts';
import type { AlignedLine, AlignSettings } from './align-record.ts';
import { type CheckInput, type CheckResult, tableNames } from './check-job.ts';
import { fingerprintParts } from './input/parts.ts';
import { byDocuments, type RecordItem, recordsIn } from './record-items.ts';
import type { AnnotationsSummary } from './summary.ts';
import { writeAnnotations } from './write-annotations.ts';

/** What one session aligns: what was checked, and where it is written to. */
export interface AlignInput extends CheckInput {
  readonly checked: CheckResult;
  /** The folder for the outputs. */
  readonly out: string;
}

/** The job that aligns records, with another work in the place of its own: for tests. */
export function defineAlignJob(
  of: Work<RecordItem, AlignedLine, AlignSettings, never>,
): Job<AlignInput, AnnotationsSummary, AlignedLine> {
  return defineJob(of, {
    name: 'annotations',
    version: '2',
    source: ({ folder, plan }: AlignInput) => recordsIn(folder, plan.batchItems),
    chunk: byDocuments,
    itemId: ({ file, line }) => `${file}:${line}`,
    settings: ({ parts, references, plan, folder }) => ({
      paths: parts.map(({ path }) => path),
      references: references.path,
      table: join(folder, tableNames.references),
      maxDepth: plan.maxDepth,
    }),
    finalize: ({ outputs, input }) => writeAnnotations(outputs, input),
    key: ({ out }) => `annotations:${resolve(out)}`,
    fingerprint: ({ parts, references, plan }) => fingerprintParts([...parts, references], plan),
    metadata: ({ parts, plan, out, folder }) => ({ inputs: parts.map(({ name }) => name), out, ...plan, folder }),
  });
}

/** Aligns every good record with its reference text, in batches of whole documents, and writes the outputs. */
export const annotationsJob = defineAlignJob(workModule<typeof work>(workUrl('align.work', import.meta.url)));
