import { MillraceError } from '../../model/errors.ts';
import type { AnyJob, Job } from '../../model/job.ts';
import { isEndedSession } from '../../model/moves.ts';
import type { SessionRecord } from '../../model/records.ts';
import type { Store } from '../../model/store.ts';
import { tracksJobs } from '../../workloads/tracks/run-tracks.ts';
import { defineCommand } from '../arguments/command.ts';
import { text } from '../arguments/options.ts';
import { executor, workers } from '../arguments/units.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { loadJob } from '../load-job.ts';
import { tellOutcome } from '../outcome-answer.ts';
import { findSession } from '../store/find-session.ts';
import { existingStore } from '../store/store-place.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { shellWord } from '../terminal/words.ts';
import { type LeftBehind, lacksOutputs, withRequest } from '../tracks/left-behind.ts';
import { makeTracks, tracksText } from '../tracks/make-tracks.ts';
import { checkSameRequest, lookAgain } from '../tracks/request.ts';
import { type Running, withEngine } from '../with-engine.ts';

/** `millrace resume`: goes on with what a dead host left. */
export const command = defineCommand({
  name: 'resume',
  summary: 'Goes on with runs that were interrupted: what is settled is not run again.',
  operands: 'STORE [SESSION]',
  minOperands: 1,
  maxOperands: 2,
  options: {
    job: text('JOB.ts', 'The module of the job, for sessions of millrace run'),
    export: text('NAME', 'Which of its exported jobs'),
    workers,
    executor,
  },
  notes: [
    'SESSION is an id or its beginning; without it, every interrupted session of the store is resumed.',
    'Input and job must be what they were; else INPUT_CHANGED or JOB_CHANGED, and the store stays as it is.',
  ],
  examples: ['millrace resume tracks', 'millrace resume sqlite:runs.db 4f1c --job word-count.ts'],
  async run({ operands: [name = '', word], options, terminal }) {
    const store = existingStore(name);
    const job = options.job === undefined ? undefined : await loadJob(options.job, options.export);
    const jobs: AnyJob[] = [...tracksJobs, ...(job ? [job as unknown as AnyJob] : [])];
    const hint = (): string =>
      `To go on: millrace resume ${shellWord(name)}${options.job ? ` --job ${shellWord(options.job)}` : ''}`;
    return withEngine({ terminal, store, jobs, workers: options.workers, executor: options.executor, hint }, async (running) => {
      const records = await toResume(store, name, word);
      if (records.length === 0) terminal.answer([], () => `${name} has nothing to resume.\n`);
      const resumer = createResumer(running, terminal, name, job);
      let worst: ExitCode = exitCodes.complete;
      for (const record of records) worst = Math.max(worst, await resumer(record)) as ExitCode;
      return worst;
    });
  },
});

/** The session that was named; else every one that no living host runs, and those that ended before their outputs were written. */
async function toResume(store: Store, storeName: string, word: string | undefined): Promise<SessionRecord[]> {
  const orphans = await store.listSessions({ orphaned: true, limit: 1_000 });
  if (word === undefined) {
    const newest = await store.listSessions({ limit: 1 });
    return [...newest.filter((record) => withRequest(record).some(lacksOutputs)), ...orphans];
  }
  const view = await findSession(store, storeName, word);
  const record = await store.getSession(view.id);
  if (!record) return [];
  if (isEndedSession(record.state) || orphans.some(({ id }) => id === record.id)) return [record];
  throw new MillraceError('STORE_FAILED', `Session ${view.id} is being run by a living host: there is nothing to resume.`);
}

type Resume = (record: SessionRecord) => Promise<ExitCode>;

function createResumer(
  running: Running,
  terminal: Terminal,
  storeName: string,
  job: Job<unknown, unknown, unknown> | undefined,
): Resume {
  const { engine } = running;
  const folders = new Set<string>();

  const resumeTracks = async (left: LeftBehind): Promise<ExitCode> => {
    const { record, request } = left;
    // A sort and the tracks after it are one run: the first of them brings the other along.
    if (folders.has(request.out)) return exitCodes.complete;
    folders.add(request.out);
    const today = await lookAgain(request);
    checkSameRequest(record.id, request, today);
    const made = await makeTracks(running, today, isEndedSession(record.state) ? record.id : undefined);
    terminal.answer(made.answer, () => tracksText(made, storeName));
    return exitCodes.complete;
  };
  const resumeAny: Resume = async (record) => {
    const known = [...tracksJobs, ...(job ? [job] : [])].find(({ name }) => name === record.job);
    if (!known) throw new MillraceError('JOB_NOT_REGISTERED', howToNameJob(record.job, job?.name));
    const { resumed, refused } = isEndedSession(record.state)
      ? { resumed: [], refused: [] }
      : await engine.resume({ id: record.id });
    const [refusal] = refused;
    if (refusal) throw refusal.error;
    const session = resumed[0] ?? (await engine.find(known as Job<unknown, unknown, unknown>, { id: record.id }));
    if (!session) throw new MillraceError('SESSION_NOT_FOUND', `Session ${record.id} is gone from ${storeName}.`);
    running.watch(session, record.job);
    return tellOutcome(terminal, await session.outcome());
  };
  return async (record) => {
    const [left] = withRequest(record);
    const isOver = isEndedSession(record.state) && !(left && lacksOutputs(left));
    if (isOver) terminal.note(`Session ${record.id} has ended: ${record.state}.`);
    return left && !isOver ? resumeTracks(left) : resumeAny(record);
  };
}

function howToNameJob(wanted: string, given: string | undefined): string {
  return given === undefined
    ? `The session is of job ${wanted}: a store holds no code, so say where the job is with --job JOB.ts.`
    : `The session is of job ${wanted}, and --job gave the job ${given}.`;
}
