import { executionIdOf, type SessionId } from '../../model/ids.ts';
import type { BatchRecord } from '../../model/records.ts';
import type { LastingEngine } from '../engine-part.ts';
import { type PollJob, statusOf, type TaskStatus } from './poll-job.ts';
import type { LogOutput } from './read-log.ts';

/** One enqueue of a task that was no duplicate, with all its attempts. */
export interface Execution extends Pick<BatchRecord, 'attempt' | 'enqueuedAt'> {
  readonly taskId: string;
  readonly executionId: string;
  readonly status: TaskStatus;
  /** Of its poll: the place in a folder, and the seconds of a virtual clock. */
  readonly place: unknown;
  readonly t: unknown;
  /** What its newest attempt that did not succeed ended with. */
  readonly error: { readonly category: string; readonly code: string } | null;
  readonly facts: LogOutput | undefined;
}

/** All that a store knows of polls, whoever made them. Sessions that were pruned are gone. */
export interface Ledger {
  readonly polls: number;
  readonly listed: number;
  readonly invalid: number;
  readonly duplicates: number;
  /** In the order in which they were enqueued. */
  readonly executions: readonly Execution[];
}

export async function readLedger(engine: LastingEngine, job: PollJob): Promise<Ledger> {
  const sums = { polls: 0, listed: 0, invalid: 0, duplicates: 0 };
  const executions: Execution[] = [];
  for await (const { id, metadata } of engine.sessions({ job: job.name })) {
    sums.polls++;
    sums.listed += Number(metadata.listed);
    sums.invalid += Number(metadata.invalid);
    const outputs = new Map<string, LogOutput>();
    for await (const output of (await engine.find(job, { id }))?.outputs() ?? []) outputs.set(output.taskId, output);
    for await (const batch of batchesOf(engine, id as SessionId)) {
      if (batch.error?.code === 'DUPLICATE_TASK') sums.duplicates++;
      const status = statusOf(batch.state);
      if (status) executions.push(executionOf(batch, status, metadata, outputs));
    }
  }
  executions.sort((left, right) => left.enqueuedAt - right.enqueuedAt || (left.taskId < right.taskId ? -1 : 1));
  return { ...sums, executions };
}

async function* batchesOf({ store }: LastingEngine, sessionId: SessionId): AsyncGenerator<BatchRecord> {
  for (let from = 0; ; ) {
    const rows = await store.listBatches({ sessionId, from, limit: 1_000 });
    yield* rows;
    from = (rows.at(-1)?.number ?? 0) + 1;
    if (rows.length === 0) return;
  }
}

function executionOf(
  { sessionId, number, attempt, enqueuedAt, error, ...batch }: BatchRecord,
  status: TaskStatus,
  { place, t }: Readonly<Record<string, unknown>>,
  outputs: ReadonlyMap<string, LogOutput>,
): Execution {
  const taskId = batch.taskId ?? '';
  const facts = status === 'completed' ? outputs.get(taskId) : undefined;
  const why = error && { category: error.category, code: error.code ?? '' };
  return { taskId, executionId: executionIdOf(sessionId, number), attempt, enqueuedAt, status, place, t, error: why, facts };
}
