import { errorInfo } from '../../model/error-info.ts';
import type { ErrorInfo } from '../../model/errors.ts';
import type { JobDefinition } from '../../model/job.ts';

/** Whether trying again can help, and the error to record. */
export interface Verdict {
  readonly retryable: boolean;
  readonly error: ErrorInfo;
}

/**
 * What the job says of an error, else that only errors of chance are tried again. Asked once for each error: the job may keep count.
 * A `classify` that throws says nothing that could be relied on: the error is permanent, and the one that was judged is its cause.
 */
export function judge(job: JobDefinition, error: ErrorInfo): Verdict {
  try {
    const verdict = job.retry?.classify?.(error);
    if (verdict !== undefined) return { retryable: verdict === 'retry', error };
  } catch (thrown) {
    return { retryable: false, error: unjudged(job, error, errorInfo(thrown)) };
  }
  const { category } = error;
  return { retryable: category !== 'permanent' && category !== 'unserializable' && category !== 'module', error };
}

/** The category stays: a crash is still one. */
function unjudged({ name }: JobDefinition, error: ErrorInfo, thrown: ErrorInfo): ErrorInfo {
  const message = `retry.classify of job ${name} threw (${thrown.message}) on: ${error.message}`;
  const category = error.category === 'error' ? 'permanent' : error.category;
  return { ...thrown, message, category, cause: error };
}
