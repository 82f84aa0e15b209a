import type { LetterQuery } from '../../engine/api/session.ts';
import { MillraceError } from '../../model/errors.ts';
import type { SessionId } from '../../model/ids.ts';
import type { AnyJob, ExecutorName, Job } from '../../model/job.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Store } from '../../model/store.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { loadJob } from '../load-job.ts';
import { tellOutcome } from '../outcome-answer.ts';
import { existingStore, folderOfStore } from '../store/store-place.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { shellWord } from '../terminal/words.ts';
import { type Running, withEngine } from '../with-engine.ts';
import { workloadJobs } from '../workload-jobs.ts';
import { writeResult } from '../write-result.ts';

/** A call of `millrace dead-letters ... replay`. */
export interface ReplayCall {
  readonly terminal: Terminal;
  /** STORE, as it was written. */
  readonly name: string;
  readonly options: {
    readonly job?: string;
    readonly export?: string;
    readonly out?: string;
    readonly workers?: number | 'auto';
    readonly executor?: ExecutorName;
  };
  find(store: Store): Promise<{ readonly id: SessionId; readonly letters: readonly LetterQuery[] }>;
}

type AnyTypes = Job<unknown, unknown, unknown>;

/**
 * Runs dead letters again and waits for the end of the session's next generation. Several messages that say the same are replayed one
 * after another, each as a generation.
 *
 * @throws MillraceError `JOB_NOT_REGISTERED`, `NOT_REPLAYABLE`, `INPUT_CHANGED`, `JOB_CHANGED`; then the session is as it was.
 */
export async function replayLetters(call: ReplayCall): Promise<ExitCode> {
  const { terminal, name, options } = call;
  const store = existingStore(name);
  const given = options.job === undefined ? undefined : await loadJob(options.job, options.export);
  const jobs: AnyJob[] = [...workloadJobs, ...(given ? [given as unknown as AnyJob] : [])];
  const hint = (): string =>
    `To go on: millrace resume ${shellWord(name)}${options.job ? ` --job ${shellWord(options.job)}` : ''}`;
  const { workers, executor } = options;
  return withEngine({ terminal, store, jobs, workers, executor, hint }, async (running) => {
    const { id, letters } = await call.find(store);
    const job = await jobOf(store, id, jobs, given);
    let last: Outcome<unknown> | undefined;
    for (const query of letters) last = await replayOne({ call, running, id, job, query });
    return last ? tellOutcome(terminal, last) : exitCodes.complete;
  });
}

async function replayOne(parts: {
  readonly call: ReplayCall;
  readonly running: Running;
  readonly id: SessionId;
  readonly job: AnyTypes;
  readonly query: LetterQuery;
}): Promise<Outcome<unknown>> {
  const { call, running, id, job, query } = parts;
  const found = await running.engine.find(job, { id });
  if (!found) throw new MillraceError('SESSION_NOT_FOUND', `Session ${id} is gone from ${call.name}.`);
  const session = await found.replay(query);
  running.watch(session, job.name);
  const outcome = await session.outcome();
  const out = call.options.out ?? folderOfStore(call.name);
  if (out !== null && call.options.job !== undefined) writeResult(out, outcome);
  return outcome;
}

async function jobOf(store: Store, id: SessionId, jobs: readonly AnyJob[], given: AnyTypes | undefined): Promise<AnyTypes> {
  const record = await store.getSession(id);
  const job = jobs.find((one) => one.name === record?.job);
  if (job) return job as unknown as AnyTypes;
  const why = given
    ? `and --job gave the job ${given.name}`
    : 'and a store holds no code: say where the job is with --job JOB.ts';
  throw new MillraceError('JOB_NOT_REGISTERED', `Session ${id} is of job ${record?.job ?? 'nobody'}, ${why}.`);
}
