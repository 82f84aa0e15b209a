import type { Timestamp } from '../../../model/ids.ts';
import type { PruneFilter } from '../../../model/store-filters.ts';
import type { SqliteFile } from './file.ts';

/** Rows deleted in one transaction: other writers get their turn in between. */
const groupSize = 5_000;

/**
 * Deletes ended sessions. One write marks them, from then on they are invisible; then what belongs to them goes, group by
 * group. What a host leaves undone when it dies in between, the next prune finishes.
 */
export function pruneSessions(file: SqliteFile, filter: PruneFilter): number {
  // Asked on a timer: as long as nothing is overdue, nothing is written.
  if (filter.overdue && file.all(overdueSql, file.now(), 1).length === 0) return 0;
  const marked = file.write('session', (now) => mark(file, filter, now));
  for (const { no } of file.all<{ no: number }>('select no from sessions where pruned = 1')) deleteSession(file, no);
  return marked;
}

/** Through its index: `?1` is the time. */
export const overdueSql = `select no from sessions indexed by sessions_kept
where ended = 1 and pruned = 0 and keep_ms is not null and ended_at + keep_ms <= ?1 order by ended_at + keep_ms, no limit ?2`;

function mark(file: SqliteFile, filter: PruneFilter, now: Timestamp): number {
  if (filter.overdue) return file.run(`update sessions set pruned = 1 where no in (${overdueSql})`, now, filter.limit);
  return file.run(
    `update sessions set pruned = 1 where no in (
      select no from sessions where ended = 1 and pruned = 0 and ended_at < ?1 and (?2 is null or id = ?2)
      order by ended_at, no limit ?3
    )`,
    filter.endedBefore,
    filter.id ?? null,
    filter.limit,
  );
}

/** The tables whose rows hang on a session, by what names a row in each. */
const parts = [
  ['outputs', 'no'],
  ['attempts', 'no'],
  ['dead_letters', 'no'],
  ['slices', 'number'],
  ['batches', 'number'],
] as const;

/** Deletes a session that is hidden already, group by group. */
export function deleteSession(file: SqliteFile, session: number): void {
  for (const [table, name] of parts) {
    const sql = `delete from ${table} where session = ?1 and ${name} in (select ${name} from ${table} where session = ?1 limit ?2)`;
    while (file.write('group', () => file.run(sql, session, groupSize)) === groupSize);
  }
  file.write('group', () => file.run('delete from sessions where no = ?', session));
}
