import { MillraceError } from '../model/errors.ts';
import type { Job } from '../model/job.ts';
import { isEndedSession } from '../model/moves.ts';
import type { SessionRecord } from '../model/records.ts';
import type { ExitCode } from './exit-code.ts';
import { tellOutcome } from './outcome-answer.ts';
import type { Terminal } from './terminal/terminal.ts';
import { finishedSorts, type LeftBehind, lacksOutputs, withRequest } from './tracks/left-behind.ts';
import { makeTracks, tellTracks } from './tracks/make-tracks.ts';
import { checkSameRequest, lookAgain } from './tracks/request.ts';
import type { Running } from './with-engine.ts';
import { workloadJobs } from './workload-jobs.ts';
import { writeResult } from './write-result.ts';

/** What a resume works with. */
export interface ResumeParts {
  readonly running: Running;
  readonly terminal: Terminal;
  readonly storeName: string;
  /** The output folder that the store lies in; null: none, or nobody knows. */
  readonly out: string | null;
  /** The job that `--job` named. */
  readonly job: Job<unknown, unknown, unknown> | undefined;
}

/**
 * Goes on with one session until it has ended, and answers for it. Sessions of `millrace tracks` go on to their outputs.
 *
 * @throws MillraceError `INPUT_CHANGED`, `JOB_CHANGED`, `JOB_NOT_REGISTERED`; then the store is as it was.
 */
export async function resumeSession(parts: ResumeParts, record: SessionRecord): Promise<ExitCode> {
  const [left] = withRequest(record);
  const isOver = isEndedSession(record.state) && !(left && (await hasMoreToDo(parts, left)));
  if (isOver) parts.terminal.note(`Session ${record.id} has ended: ${record.state}.`);
  return left && !isOver ? resumeTracks(parts, left) : resumeAny(parts, record);
}

async function hasMoreToDo({ running }: ResumeParts, left: LeftBehind): Promise<boolean> {
  if (lacksOutputs(left)) return true;
  return (await finishedSorts(running.engine.store)).some(({ record }) => record.id === left.record.id);
}

async function resumeTracks({ running, terminal, storeName }: ResumeParts, { record, request }: LeftBehind): Promise<ExitCode> {
  const today = await lookAgain(request);
  checkSameRequest(record.id, request, today);
  const made = await makeTracks(running, today, isEndedSession(record.state) ? record.id : undefined);
  return tellTracks(terminal, made, storeName);
}

async function resumeAny({ running, terminal, storeName, out, job }: ResumeParts, record: SessionRecord): Promise<ExitCode> {
  const { engine } = running;
  const known = [...workloadJobs, ...(job ? [job] : [])].find(({ name }) => name === record.job);
  if (!known) throw new MillraceError('JOB_NOT_REGISTERED', howToNameJob(record.job, job?.name));
  const report = isEndedSession(record.state) ? undefined : await engine.resume({ id: record.id });
  const [refusal] = report?.refused ?? [];
  if (refusal) throw refusal.error;
  // Ended already, or taken on by another host since it was looked at: its handle tells of it all the same.
  const session = report?.resumed[0] ?? (await engine.find(known as Job<unknown, unknown, unknown>, { id: record.id }));
  if (!session) throw new MillraceError('SESSION_NOT_FOUND', `Session ${record.id} is gone from ${storeName}.`);
  running.watch(session, record.job);
  const outcome = await session.outcome();
  if (out !== null && job?.name === record.job) writeResult(out, outcome);
  return tellOutcome(terminal, outcome);
}

function howToNameJob(wanted: string, given: string | undefined): string {
  return given === undefined
    ? `The session is of job ${wanted}: a store holds no code, so say where the job is with --job JOB.ts.`
    : `The session is of job ${wanted}, and --job gave the job ${given}.`;
}
