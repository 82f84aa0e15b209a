import type { ErrorInfo } from '../../../../model/errors.ts';
import type { OwnerId } from '../../../../model/ids.ts';
import type { CrashedBatch, FoundBatch, Questions, RunningBatch } from '../../../../model/questions.ts';
import { readDefaultTask } from '../../default-task.ts';
import type { SqliteFile } from '../file.ts';
import { toFileText } from '../file-text.ts';
import { isDeadSql } from '../owners.ts';
import { readError } from '../session-rows.ts';
import { type FoundRow, foundBatch, foundColumns } from './found-batch.ts';

/*
 * Questions whose answers are batches. `indexed by` is no advice but a demand: a statement that could not use the index would fail
 * to be prepared, and the tests with it. `cross join` keeps the order: first which rows, then what is in them.
 */

type Filter<Name extends keyof Questions> = Questions[Name]['filter'];

const sessionNo = '(select no from sessions where id = ?1)';

function crashedSql(from: string): string {
  return `select ${foundColumns}, c.times, a.claimed_at as crash_started_at, a.ended_at as crash_ended_at, a.error as crash_error
    from (select session, number, count(*) as times, max(no) as newest from attempts ${from} and outcome in (4, 5, 6, 12)
      group by session, number) c
    cross join attempts a on a.no = c.newest
    cross join batches b on b.session = c.session and b.number = c.number cross join sessions s on s.no = c.session
    where s.pruned = 0 order by a.ended_at desc, s.no, b.number limit ?2`;
}

export const crashedOfSessionSql = crashedSql(`indexed by attempts_batch where session = ${sessionNo}`);
export const crashedSinceSql = crashedSql('indexed by attempts_ended where ended_at >= ?1');

interface CrashedRow extends FoundRow {
  readonly times: number;
  readonly crash_started_at: number;
  readonly crash_ended_at: number;
  readonly crash_error: string | null;
}

export function crashed(file: SqliteFile, { sessionId, since, limit }: Filter<'crashed'>): readonly CrashedBatch[] {
  const rows =
    sessionId === undefined
      ? file.all<CrashedRow>(crashedSinceSql, since, limit)
      : file.all<CrashedRow>(crashedOfSessionSql, sessionId, limit);
  return rows.map((row) => {
    const error: ErrorInfo | null = readError(row.crash_error);
    return {
      ...foundBatch(row),
      crash: { times: row.times, startedAt: row.crash_started_at, endedAt: row.crash_ended_at, error },
    };
  });
}

export const slowestOfSessionSql = `select ${foundColumns} from batches b join sessions s on s.no = b.session
where b.session = ${sessionNo} and b.state = 10 and b.ms is not null and s.pruned = 0 order by b.ms desc, b.number limit ?2`;

/** The index alone says which; only those are read. */
export const slowestSinceSql = `select ${foundColumns} from (
  select o.session, o.number from batches o indexed by batches_ended join sessions p on p.no = o.session
  where o.ended_at >= ?1 and o.state = 10 and o.ms is not null and p.pruned = 0 order by o.ms desc, o.session, o.number limit ?2
) t cross join batches b on b.session = t.session and b.number = t.number cross join sessions s on s.no = t.session
order by b.ms desc, s.no, b.number`;

export function slowest(file: SqliteFile, { sessionId, since, limit }: Filter<'slowest'>): readonly FoundBatch[] {
  const rows =
    sessionId === undefined
      ? file.all<FoundRow>(slowestSinceSql, since, limit)
      : file.all<FoundRow>(slowestOfSessionSql, sessionId, limit);
  return rows.map(foundBatch);
}

/** A given task id by its index, a default one by the job, key and number that it is made of. */
export const chainSql = `select * from (
  select ${foundColumns} from batches b indexed by batches_task join sessions s on s.no = b.session
  where b.task_id = ?1 and s.pruned = 0
  union all
  select ${foundColumns} from sessions s indexed by sessions_key join batches b on b.session = s.no
  where s.job = ?2 and s.key = ?3 and s.pruned = 0 and b.number = ?4 and b.task_id is null
) order by enqueued_at desc, session_no desc, number desc limit ?5`;

export function chain(file: SqliteFile, { taskId, limit }: Filter<'chain'>): readonly FoundBatch[] {
  const { job, key, number } = readDefaultTask(taskId) ?? { job: '', key: '', number: -1 };
  const newest = file.all<FoundRow>(chainSql, toFileText(taskId), job, toFileText(key), number, limit);
  return newest.map(foundBatch).reverse();
}

function runningSql(which: string): string {
  return `select ${foundColumns}, (select id from owners where no = b.owner) as owner_id, ${isDeadSql('b.owner')} as lost
    from sessions s indexed by sessions_live cross join batches b indexed by batches_open on b.session = s.no
    where s.ended = 0 and s.pruned = 0 and b.state = 1 and b.state < 10 ${which}
    order by b.claimed_at, s.no, b.number limit ?2`;
}

export const allRunningSql = runningSql('');
export const stuckSql = runningSql(`and (b.claimed_at <= ?3 or ${isDeadSql('b.owner')})`);

interface RunningRow extends FoundRow {
  readonly owner_id: OwnerId | null;
  readonly lost: number;
}

export function running(file: SqliteFile, { stuckSince, limit }: Filter<'running'>): readonly RunningBatch[] {
  const now = file.now();
  const rows =
    stuckSince === undefined
      ? file.all<RunningRow>(allRunningSql, now, limit)
      : file.all<RunningRow>(stuckSql, now, limit, stuckSince);
  return rows.map((row) => ({ ...foundBatch(row), owner: row.owner_id, lost: row.lost === 1 }));
}

/** Moments are never negative: `>= 0` is what makes the index usable. */
export const newestSql = `select ${foundColumns} from (
  select * from (
    select o.session, o.number, o.ended_at as at from batches o indexed by batches_ended join sessions p on p.no = o.session
    where o.ended_at >= 0 and p.pruned = 0 order by o.ended_at desc, o.session, o.number limit ?1
  )
  union all
  select * from (
    select o.session, o.number, coalesce(o.claimed_at, o.enqueued_at) as at
    from sessions p indexed by sessions_live cross join batches o indexed by batches_open on o.session = p.no
    where p.ended = 0 and p.pruned = 0 and o.state < 10 order by at desc, o.session, o.number limit ?1
  )
) t cross join batches b on b.session = t.session and b.number = t.number cross join sessions s on s.no = t.session
order by t.at desc, s.no, b.number limit ?1`;

export function newest(file: SqliteFile, { limit }: Filter<'newest'>): readonly FoundBatch[] {
  return file.all<FoundRow>(newestSql, limit).map(foundBatch);
}
