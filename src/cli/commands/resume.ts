import { MillraceError } from '../../model/errors.ts';
import type { AnyJob } from '../../model/job.ts';
import { isEndedSession } from '../../model/moves.ts';
import type { SessionRecord } from '../../model/records.ts';
import type { Store } from '../../model/store.ts';
import { redisPasswordVariable } from '../../workloads/caches/redis-cache.ts';
import { passwordVariable } from '../../workloads/documents/pdf/open-files.ts';
import { tracksJob } from '../../workloads/tracks/tracks-job.ts';
import { defineCommand } from '../arguments/command.ts';
import { text } from '../arguments/options.ts';
import { executor, workers } from '../arguments/units.ts';
import { type ExitCode, exitCodeOfError, exitCodes } from '../exit-code.ts';
import { loadJob } from '../load-job.ts';
import { type ResumeParts, resumeSession } from '../resume-session.ts';
import { findSession } from '../store/find-session.ts';
import { existingStore, folderOfStore } from '../store/store-place.ts';
import { shellWord } from '../terminal/words.ts';
import { finishedSorts, lacksOutputs, withRequest } from '../tracks/left-behind.ts';
import { withEngine } from '../with-engine.ts';
import { workloadJobs } from '../workload-jobs.ts';

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
    out: text('DIR', 'Folder for result.json of millrace run (default STORE, when it is a folder)'),
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
    const jobs: AnyJob[] = [...workloadJobs, ...(job ? [job as unknown as AnyJob] : [])];
    const given = (['job', 'export', 'out'] as const).flatMap((option) => {
      const value = options[option];
      return value === undefined ? [] : [` --${option} ${shellWord(value)}`];
    });
    const hint = (): string => `To go on: millrace resume ${shellWord(name)}${given.join('')}`;
    const call = {
      terminal,
      store,
      jobs,
      workers: options.workers,
      executor: options.executor,
      env: [passwordVariable, redisPasswordVariable],
      hint,
    };
    return withEngine(call, async (running) => {
      const records = await toResume(store, name, word);
      const answers: { readonly value: unknown; text(): string }[] = [];
      const collecting = { ...terminal, answer: (value: unknown, text: () => string) => void answers.push({ value, text }) };
      const code = await resumeAll(
        { running, terminal: collecting, storeName: name, out: options.out ?? folderOfStore(name), job },
        records,
      );
      terminal.answer(
        answers.map(({ value }) => value),
        () =>
          records.length === 0 ? `${name} has nothing to resume.\n` : answers.map(({ text: textOf }) => textOf()).join('\n'),
      );
      return code;
    });
  },
});

/** The session that was named; else every one that no living host runs, and those that ended before their outputs were written or their tracks begun. */
async function toResume(store: Store, storeName: string, word: string | undefined): Promise<SessionRecord[]> {
  const orphans = await store.listSessions({ orphaned: true, limit: 1_000 });
  if (word === undefined) {
    const newest = await store.listSessions({ job: tracksJob.name, limit: 1 });
    const sorts = (await finishedSorts(store)).map(({ record }) => record);
    return [...newest.filter((record) => withRequest(record).some(lacksOutputs)), ...orphans, ...sorts];
  }
  const view = await findSession(store, storeName, word);
  const record = await store.getSession(view.id);
  if (!record) return [];
  if (isEndedSession(record.state) || orphans.some(({ id }) => id === record.id)) return [record];
  throw new MillraceError('STORE_FAILED', `Session ${view.id} is being run by a living host: there is nothing to resume.`);
}

/** Resumes one after the other. One that is refused does not keep the others from going on. */
async function resumeAll(parts: ResumeParts, records: readonly SessionRecord[]): Promise<ExitCode> {
  const { running, terminal } = parts;
  let worst: ExitCode = exitCodes.complete;
  for (const record of records) {
    // A run of tracks is a sort and the tracks: who went on with the one may have brought the other to its end.
    const now = await running.engine.store.getSession(record.id);
    if (now && now.state !== record.state && isEndedSession(now.state)) continue;
    try {
      worst = worse(worst, await resumeSession(parts, record));
    } catch (error) {
      // A closed engine or a broken store concerns the others, too.
      if (!(error instanceof MillraceError) || error.code === 'ENGINE_CLOSED' || error.code === 'STORE_FAILED') throw error;
      const { code, message } = error;
      terminal.answer({ sessionId: record.id, error: { code, message } }, () => '');
      terminal.complain(`millrace: ${code}: ${message}`);
      worst = worse(worst, exitCodeOfError(error));
    }
  }
  return worst;
}

function worse(one: ExitCode, other: ExitCode): ExitCode {
  return one > other ? one : other;
}
