import type { Store } from '../../../model/store.ts';
import type { SqliteFile } from './file.ts';

/** Rows deleted in one transaction: other writers get their turn in between. */
const groupSize = 5_000;

/**
 * Deletes ended sessions. One write marks them, from then on they are invisible; then what belongs to them goes, group by
 * group. What a host leaves undone when it dies in between, the next prune finishes.
 */
export function pruneSessions(file: SqliteFile, { endedBefore, limit, id }: Parameters<Store['prune']>[0]): number {
  const marked = file.write('session', () =>
    file.run(
      `update sessions set pruned = 1 where no in (
        select no from sessions where ended = 1 and pruned = 0 and ended_at < ?1 and (?2 is null or id = ?2)
        order by ended_at, no limit ?3
      )`,
      endedBefore,
      id ?? null,
      limit,
    ),
  );
  for (const { no } of file.all<{ no: number }>('select no from sessions where pruned = 1')) deleteSession(file, no);
  return marked;
}

/** The tables whose rows hang on a session, by what names a row in each. */
const parts = [
  ['outputs', 'no'],
  ['attempts', 'no'],
  ['dead_letters', 'no'],
  ['slices', 'number'],
  ['batches', 'number'],
] as const;

function deleteSession(file: SqliteFile, session: number): void {
  for (const [table, name] of parts) {
    const sql = `delete from ${table} where session = ?1 and ${name} in (select ${name} from ${table} where session = ?1 limit ?2)`;
    while (file.write('group', () => file.run(sql, session, groupSize)) === groupSize);
  }
  file.write('group', () => file.run('delete from sessions where no = ?', session));
}
