import type { ChainLink } from '../../engine/api/queries.ts';
import type {
  BatchTimes,
  CategoryFailures,
  CrashedBatch,
  FoundBatch,
  JobTotals,
  NormalFailures,
  RepeatedTasks,
  RunningBatch,
} from '../../model/questions.ts';
import { brief, duration, moment, number } from '../terminal/words.ts';

/** Rows for a table, the heading first; none when there is nothing to show. */
export type Rows = readonly (readonly string[])[];

function rowsOf<Row>(heading: readonly string[], list: readonly Row[], cells: (row: Row) => readonly string[]): Rows {
  return list.length === 0 ? [] : [heading, ...list.map(cells)];
}

const ms = (value: number | null): string => (value === null ? '-' : duration(value));
const why = (error: FoundBatch['error']): string => (error ? `${error.category}: ${brief(error.message)}` : '-');
const itemsOf = ({ first, items }: FoundBatch): string => (items === 1 ? `${first}` : `${first} to ${first + items - 1}`);

export function jobRows(jobs: readonly JobTotals[]): Rows {
  const heading = [
    'JOB',
    'VERSION',
    'SESSIONS',
    'ITEMS',
    'FAILED',
    'SKIPPED',
    'PENDING',
    'RUNNING',
    'COMPLETED',
    'CRASHED',
    'NEWEST (UTC)',
  ];
  return rowsOf(heading, jobs, ({ job, version, sessions, items, batches, newestAt }) => [
    job,
    version,
    number(Object.values(sessions).reduce((sum, count) => sum + count, 0)),
    `${number(items.completed)}/${number(items.total)}`,
    number(items.failed),
    number(items.duplicate),
    number(batches.pending),
    number(batches.running),
    number(batches.completed),
    number(batches.crashed),
    moment(newestAt),
  ]);
}

export function registeredRows(jobs: readonly JobTotals[]): Rows {
  return rowsOf(['JOB', 'VERSION', 'NEWEST SESSION (UTC)'], jobs, ({ job, version, newestAt }) => [
    job,
    version,
    moment(newestAt),
  ]);
}

export function timesRows(times: readonly BatchTimes[]): Rows {
  return rowsOf(['JOB', 'BATCHES', 'AVERAGE', 'LONGEST'], times, ({ job, batches, averageMs, longestMs }) => [
    job,
    number(batches),
    duration(averageMs),
    duration(longestMs),
  ]);
}

export function runningRows(batches: readonly RunningBatch[], now: number): Rows {
  const heading = ['SESSION', 'JOB', 'BATCH', 'ITEMS', 'ATTEMPT', 'RUNS FOR', 'OWNER'];
  return rowsOf(heading, batches, (batch) => [
    batch.sessionId,
    batch.job,
    String(batch.number),
    itemsOf(batch),
    String(batch.attempt),
    ms(batch.claimedAt === null ? null : now - batch.claimedAt),
    batch.lost ? `${batch.owner ?? '-'} (dead)` : (batch.owner ?? '-'),
  ]);
}

export function crashedRows(batches: readonly CrashedBatch[]): Rows {
  const heading = ['SESSION', 'JOB', 'BATCH', 'ITEMS', 'NOW', 'CRASHES', 'STARTED (UTC)', 'ERROR'];
  return rowsOf(heading, batches, (batch) => [
    batch.sessionId,
    batch.job,
    String(batch.number),
    itemsOf(batch),
    batch.state,
    String(batch.crash.times),
    moment(batch.crash.startedAt),
    why(batch.crash.error),
  ]);
}

export function batchRows(batches: readonly FoundBatch[]): Rows {
  const heading = ['SESSION', 'JOB', 'BATCH', 'ITEMS', 'STATE', 'TOOK', 'CLAIMED (UTC)', 'ENDED (UTC)', 'ERROR'];
  return rowsOf(heading, batches, (batch) => [
    batch.sessionId,
    batch.job,
    String(batch.number),
    itemsOf(batch),
    batch.state,
    ms(batch.ms),
    moment(batch.claimedAt),
    moment(batch.endedAt),
    why(batch.error),
  ]);
}

export function failureRows(groups: readonly NormalFailures[]): Rows {
  const heading = ['ITEMS', 'ATTEMPTS', 'CATEGORY', 'MESSAGE', 'SUCH AS'];
  return rowsOf(heading, groups, ({ items, attempts, category, message, examples }) => [
    number(items),
    number(attempts),
    category,
    brief(message),
    brief(examples.join(', '), 60),
  ]);
}

export function categoryRows(categories: readonly CategoryFailures[]): Rows {
  return rowsOf(['CATEGORY', 'ITEMS', 'ATTEMPTS'], categories, ({ category, items, attempts }) => [
    category,
    number(items),
    number(attempts),
  ]);
}

export function repeatedRows({ most }: RepeatedTasks): Rows {
  return rowsOf(['TASK', 'EXECUTIONS', 'NOT RUN'], most, ({ taskId, executions, skipped }) => [
    brief(taskId, 80),
    number(executions),
    number(skipped),
  ]);
}

export function chainRows(links: readonly ChainLink[]): Rows {
  const heading = ['SESSION', 'BATCH', 'CLAIM', 'OUTCOME', 'CLAIMED (UTC)', 'ENDED (UTC)', 'OWNER', 'ERROR'];
  const lines = links.flatMap((link) => {
    const place = [link.sessionId, String(link.number)];
    const ended = link.attempts.map((one) => [
      ...place,
      String(one.execution),
      one.outcome,
      moment(one.claimedAt),
      moment(one.endedAt),
      one.owner,
      why(one.error),
    ]);
    const last = link.attempts.at(-1);
    // Where it stands now, when that is not what its last attempt left.
    const now = [...place, '-', `${link.state} (now)`, '-', moment(link.endedAt), '-', why(link.error)];
    return last?.outcome === link.state ? ended : [...ended, now];
  });
  return rowsOf(heading, lines, (line) => line);
}
