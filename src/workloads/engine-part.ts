import type { Duration } from '../model/duration.ts';
import type { ExecutorName, Job, RetryPolicy } from '../model/job.ts';
import type { DeadLetter, Outcome } from '../model/outcome.ts';
import type { Store } from '../model/store.ts';

/** The part of a session that a workload needs. */
export interface WorkloadSession<out Result, out Output> {
  readonly id: string;
  /** Times are epoch milliseconds. */
  state(): Promise<{
    readonly status: string;
    readonly metadata: Readonly<Record<string, unknown>>;
    readonly startedAt: number | null;
    readonly endedAt: number | null;
  }>;
  outcome(): Promise<Outcome<Result>>;
  result(): Promise<Result>;
  outputs(): AsyncIterable<Output>;
  deadLetters(): AsyncIterable<DeadLetter>;
}

/** What a workload asks of a start. */
export interface WorkloadStart {
  executor?: ExecutorName;
  partial?: 'allow' | 'forbid';
  onDuplicate?: 'join' | 'replace';
  itemTimeout?: Duration;
  signal?: AbortSignal;
}

/** The part of an engine that a workload needs: any engine has it whose jobs include the workload's. */
export interface WorkloadEngine {
  start<Input, Result, Output>(
    job: Job<Input, Result, Output>,
    input: NoInfer<Input>,
    options?: WorkloadStart,
  ): Promise<WorkloadSession<Result, Output>>;
  find<Input, Result, Output>(
    job: Job<Input, Result, Output>,
    by: { key: string },
  ): Promise<WorkloadSession<Result, Output> | undefined>;
  /** Where sessions are kept: what a closing engine leaves in a durable store can be gone on with, and keeps its files. */
  readonly store: { readonly supports: { readonly durable: boolean } };
}

/** The part of an engine that a workload needs which goes on and on, with many sessions: any engine has it. */
export interface LastingEngine {
  start<Input, Result, Output>(
    job: Job<Input, Result, Output>,
    input: NoInfer<Input>,
    options?: { key?: string; retry?: RetryPolicy },
  ): Promise<WorkloadSession<Result, Output>>;
  find<Input, Result, Output>(
    job: Job<Input, Result, Output>,
    by: { id: string } | { key: string },
  ): Promise<WorkloadSession<Result, Output> | undefined>;
  sessions(query: { job: string }): AsyncIterable<{
    readonly id: string;
    readonly status: string;
    readonly metadata: Readonly<Record<string, unknown>>;
  }>;
  resume(which: { id: string }): Promise<{ readonly refused: readonly { readonly error: Error }[] }>;
  readonly store: Pick<Store, 'listBatches' | 'query' | 'now'>;
}
