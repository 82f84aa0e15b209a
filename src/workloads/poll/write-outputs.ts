import type { LastingEngine } from '../engine-part.ts';
import { type TextFile, writeFiles } from '../output/write-files.ts';
import { type Execution, readLedger } from './ledger.ts';
import type { PollJob } from './poll-job.ts';
import { type PollStats, statsOf, tasksOf } from './stats.ts';

/** The files that are written, in the order in which they take their places. */
export const pollFiles = ['tasks.tsv', 'executions.tsv', 'stats.json'] as const;

/** Reads what the store knows of polls, and writes it as files, when there is a folder for them. */
export async function writeOutputs(engine: LastingEngine, job: PollJob, out: string | undefined): Promise<PollStats> {
  const ledger = await readLedger(engine, job);
  const tasks = tasksOf(ledger);
  const times = await engine.store.query('times', { since: 0 });
  const stats = statsOf(ledger, tasks, times.find((one) => one.job === job.name)?.averageMs ?? null);
  if (out === undefined) return stats;
  await writeFiles(out, pollFiles, async (files) => {
    const [taskRows, executionRows, sums] = files as readonly [TextFile, TextFile, TextFile];
    await writeRows(taskRows, ['taskId', 'status', 'error', ...measures], tasks, taskCells);
    await writeRows(executionRows, executionColumns, ledger.executions, executionCells);
    sums.add(`${JSON.stringify(stats, null, 2)}\n`);
  });
  return stats;
}

/** What a flight is measured by. */
const measures = ['fixes', 'badFixes', 'durationS', 'distanceM', 'maxGnssAltM', 'minLat', 'maxLat', 'minLon', 'maxLon'] as const;

function taskCells({ taskId, status, error, facts }: Execution): readonly unknown[] {
  const why = status === 'dlq' && error ? error.code || error.category : '';
  // To the millimetre, and a tenth of a metre on the ground; all else is whole.
  const decimalsOf = (name: string): number => (name === 'distanceM' ? 3 : /L(at|on)$/.test(name) ? 6 : 0);
  return [taskId, status, why, ...measures.map((name) => facts?.[name].toFixed(decimalsOf(name)))];
}

const executionColumns = 'taskId executionId poll t enqueuedAt status attempts category code retryable'.split(' ');

function executionCells({ taskId, executionId, place, t, enqueuedAt, status, attempt, error }: Execution): readonly unknown[] {
  const why = error ? [error.category, error.code, error.category === 'permanent' ? 'no' : 'yes'] : ['', '', ''];
  return [taskId, executionId, place, t, new Date(enqueuedAt).toISOString(), status, attempt, ...why];
}

/** Names of tasks have no tabs and no line breaks: listings that had were invalid. What is absent is empty. */
async function writeRows(
  file: TextFile,
  columns: readonly string[],
  executions: readonly Execution[],
  cells: (execution: Execution) => readonly unknown[],
): Promise<void> {
  file.add(`${columns.join('\t')}\n`);
  for (const execution of executions) {
    file.add(`${cells(execution).join('\t')}\n`);
    await file.flush();
  }
}
