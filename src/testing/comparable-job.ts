import type { Chunker } from '../model/chunkers.ts';
import type { ErrorInfo } from '../model/errors.ts';
import type { FinalizeContext, Job, JobDefinition } from '../model/job.ts';
import { sequentialSessionId } from './open-work.ts';
import { sequentialFinalizeId } from './run-sequential.ts';
import { isLost } from './unruly-executor.ts';

/**
 * A job as it is compared between runs: what names a run (key, `finalizeId`) is the same in each, nothing is taken from the cache,
 * time limits, rates and seats do not hold, and what an {@link unruly} executor loses may always be tried again.
 *
 * @param chunk - Cuts the items instead of the job's own chunker.
 */
export function comparableJob(definition: JobDefinition, chunk: Chunker<unknown> | undefined): Job<unknown, unknown, unknown> {
  const { timeout, itemTimeout, stall, retry, incremental, rate, seats, ...job } = definition;
  const { classify } = retry ?? {};
  const comparable: JobDefinition = {
    ...job,
    ...(chunk && { chunk }),
    key: (input) => job.key?.(input) ?? sequentialSessionId,
    retry: {
      ...retry,
      ...(classify && { classify: (error: ErrorInfo) => (isLost(error) ? 'retry' : classify(error)) }),
    },
    finalize: (context) => resultOf(job, { ...context, finalizeId: sequentialFinalizeId }),
  };
  return { name: job.name, definition: comparable };
}

/** The job's result; of a job that makes none, its outputs. */
async function resultOf({ combine, finalize }: JobDefinition, context: FinalizeContext<unknown>): Promise<unknown> {
  if (finalize) return finalize(context);
  if (combine) return context.combined;
  const outputs: unknown[] = [];
  for await (const output of context.outputs) outputs.push(output);
  return outputs;
}
