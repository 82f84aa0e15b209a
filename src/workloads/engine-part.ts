import type { Job } from '../model/job.ts';
import type { Outcome } from '../model/outcome.ts';

/** The part of a session that a workload needs. */
export interface WorkloadSession<out Result> {
  readonly id: string;
  state(): Promise<{ readonly status: string; readonly metadata: Readonly<Record<string, unknown>> }>;
  outcome(): Promise<Outcome<Result>>;
  result(): Promise<Result>;
}

/** The part of an engine that a workload needs: any engine has it. */
export interface WorkloadEngine {
  start<Input, Result, Output>(
    job: Job<Input, Result, Output>,
    input: NoInfer<Input>,
    options?: { signal?: AbortSignal },
  ): Promise<WorkloadSession<Result>>;
  find<Input, Result, Output>(job: Job<Input, Result, Output>, by: { key: string }): Promise<WorkloadSession<Result> | undefined>;
  /** Where sessions are kept. */
  readonly store: { readonly supports: { readonly durable: boolean } };
}
