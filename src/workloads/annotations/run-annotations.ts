import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InvalidOptionError, MillraceError } from '../../model/errors.ts';
import type { Job } from '../../model/job.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { WorkloadEngine, WorkloadSession } from '../engine-part.ts';
import { openWorkFolder, removeWorkFolder } from '../output/work-folder.ts';
import { annotationsJob } from './align-job.ts';
import { annotationsCheckJob, type CheckResult, tableNames } from './check-job.ts';
import { inspectInputs, inspectReferences } from './input/inspect-inputs.ts';
import { type AnnotationsOptions, planAnnotations } from './options.ts';
import type { AnnotationsSummary } from './summary.ts';

/** The jobs that `runAnnotations` starts: give them to `createEngine`. */
export const annotationsJobs = [annotationsCheckJob, annotationsJob] as const;

/** What to take in. */
export interface AnnotationsRequest {
  /** Files of records: `.jsonl`, `.json`, `.tgz`. At least one. */
  readonly files: readonly string[];
  /** The file of reference documents: a line of JSON each, with `sourcedb`, `sourceid` and `text`. */
  readonly references: string;
  /** Folder for the outputs, made if it is missing. */
  readonly out: string;
  readonly options?: AnnotationsOptions;
}

/** What a caller may want to see or bring. */
export interface AnnotationsHooks {
  /** Called with each session when it has started: first the check, then the alignment. */
  onSession?(session: WorkloadSession<unknown, unknown>, stage: 'check' | 'align'): void;
  /** Cancels what runs. */
  signal?: AbortSignal;
  /** Jobs in the places of {@link annotationsJobs}. */
  jobs?: { readonly check: typeof annotationsCheckJob; readonly align: typeof annotationsJob };
}

/** What came out: a summary; or, in mode replace, documents that have several records, and then nothing was begun or written. */
export type AnnotationsReport =
  | {
      readonly status: 'completed';
      readonly sessionId: string;
      readonly summary: AnnotationsSummary;
      readonly outcome: Outcome<unknown>;
    }
  | { readonly status: 'duplicates'; readonly records: number; readonly examples: readonly string[] };

/**
 * Takes in annotations, on an engine whose jobs include {@link annotationsJobs}: checks every line, aligns the good records with their reference texts, and writes the outputs. Called again
 * after an interruption, with the same request and store, it goes on where it was.
 *
 * @throws InvalidOptionError, MillraceError `NO_READABLE_INPUT` before anything runs; SessionError when a session does not complete.
 */
export async function runAnnotations(
  engine: WorkloadEngine,
  { files, references, out, options }: AnnotationsRequest,
  hooks: AnnotationsHooks = {},
): Promise<AnnotationsReport> {
  if (files.length === 0) throw new InvalidOptionError('files', files, 'at least one file');
  const plan = planAnnotations(options);
  const { check, align } = hooks.jobs ?? { check: annotationsCheckJob, align: annotationsJob };
  const folder = await openWorkFolder([...files, references], out, plan);
  const isLeft = existsSync(join(folder, tableNames.references));
  /** Runs a session, or takes what it came to before an interruption: its folder, named by the request, is still there. */
  const run = async <Input, Result, Output>(stage: 'check' | 'align', job: Job<Input, Result, Output>, input: Input) => {
    const earlier = isLeft ? await engine.find(job, { key: job.definition.key?.(input) ?? '' }) : undefined;
    const was = await earlier?.state();
    const isDone = was?.status === 'completed' && was.metadata.folder === folder;
    const session = earlier && isDone ? earlier : await engine.start(job, input, hooks.signal ? { signal: hooks.signal } : {});
    hooks.onSession?.(session, stage);
    return session;
  };
  try {
    const parts = await inspectInputs(files, folder);
    const input = { parts, references: await inspectReferences(references), plan, folder };
    const checked: CheckResult = await (await run('check', check, input)).result();
    if (checked.duplicates > 0 && plan.onDuplicate === 'error') {
      await removeWorkFolder(folder);
      return { status: 'duplicates', records: checked.duplicates, examples: checked.examples };
    }
    const session = await run('align', align, { ...input, checked, out: resolve(out) });
    const summary = await session.result();
    const outcome = await session.outcome();
    await removeWorkFolder(folder);
    return { status: 'completed', sessionId: session.id, summary, outcome };
  } catch (error) {
    // A session that a closing engine or a failing store leaves can be gone on with, and needs its tables then.
    const isLive = error instanceof MillraceError && (error.code === 'ENGINE_CLOSED' || error.code === 'STORE_FAILED');
    if (!(isLive && engine.store.supports.durable)) await removeWorkFolder(folder);
    throw error;
  }
}
