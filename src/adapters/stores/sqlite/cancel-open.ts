import type { SessionId, Timestamp } from '../../../model/ids.ts';
import type { SqliteFile } from './file.ts';

interface OpenSums {
  readonly batches: number;
  readonly items: number;
  readonly failed: number;
  readonly crashed: number;
}

/** Cancels every open batch of a session, in the transaction that moves the session. */
export function cancelOpen(file: SqliteFile, id: SessionId, now: Timestamp): void {
  const session = file.get<{ no: number }>('select no from sessions where id = ?', id)?.no;
  if (session === undefined) return;
  const open = file.get<OpenSums>(
    `select count(*) as batches, total(items - completed - given_up) as items,
      total(state in (2, 3)) as failed, total(state in (4, 5, 6)) as crashed
    from batches indexed by batches_open where session = ? and state < 10`,
    session,
  ) as OpenSums;
  file.run(
    `insert into attempts (session, number, execution, token, owner, outcome, claimed_at, ended_at, ms)
    select session, number, execution, token, owner, 13, claimed_at, ?, ms
    from batches indexed by batches_open where session = ? and state = 1 and state < 10`,
    now,
    session,
  );
  file.run(
    `update batches indexed by batches_open set state = 13, token = null, owner = null, ms = null, retry_at = null, ended_at = ?
    where session = ? and state < 10`,
    now,
    session,
  );
  file.run(
    `update sessions set pending = 0, running = 0, failed = failed - ?, crashed = crashed - ?, cancelled = cancelled + ?,
      items_cancelled = items_cancelled + ? where no = ?`,
    open.failed,
    open.crashed,
    open.batches,
    open.items,
    session,
  );
}
