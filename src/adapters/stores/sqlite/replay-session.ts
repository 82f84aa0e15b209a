import type { Timestamp } from '../../../model/ids.ts';
import type { SessionRecord } from '../../../model/records.ts';
import type { ReplayWrite } from '../../../model/store.ts';
import { canWriteAll, type WritableBatch } from '../can-write-all.ts';
import { commitmentOf, writeSession } from './commit-session.ts';
import type { SqliteFile } from './file.ts';
import { freeSeatSql } from './seats.ts';
import { readSession, readSessionRow } from './session-rows.ts';
import { stateOf } from './state-codes.ts';
import { applyWrite, type MovedRow, movedSql } from './write-batch.ts';

/** Opens an ended session again; undefined when nothing was changed. */
export function replaySession(
  file: SqliteFile,
  ownerNo: number | undefined,
  { id, batches }: ReplayWrite,
  now: Timestamp,
): SessionRecord | undefined {
  const row = ownerNo === undefined ? undefined : readSessionRow(file, id);
  if (!row || ownerNo === undefined) return undefined;
  if (file.get(repeatedSql, row.no, ownerNo)) return readSession(file, id);
  if (!canWriteAll(batches, (number) => readWritable(file, row.no, number))) return undefined;
  if (!file.get(freeSeatSql, now, id)) return undefined;
  // Last of the checks, since it writes: from here on nothing can be refused, as the write lock is held.
  if (file.run(reopenSql, row.no, ownerNo) === 0) return undefined;
  const commitment = commitmentOf(file, row, true, now);
  for (const write of batches) {
    if (!applyWrite(commitment, write)) throw new Error(`batch ${write.number} could be written, and was not`);
  }
  commitment.takeovers = 0;
  writeSession(commitment, { chunks: row.chunks, items: row.items_cut, ended: row.source_ended === 1 }, row.event_number + 1);
  return readSession(file, id);
}

const repeatedSql = `select 1 from sessions where no = ? and state = 'running.draining' and coordinator = ? and generation > 1`;

const reopenSql = `update sessions set state = 'running.draining', ended = 0, ended_at = null, error = null, cancel_reason = null,
  paused = 0, coordinator = ?2, epoch = epoch + 1, generation = generation + 1, finalize_tries = 0
where no = ?1 and state in ('completed', 'failed')
  and not exists (select 1 from sessions o where o.job = sessions.job and o.key = sessions.key and o.ended = 0)`;

function readWritable(file: SqliteFile, session: number, number: number): WritableBatch | undefined {
  const row = file.get<MovedRow>(movedSql, session, number);
  return row && { state: stateOf(row.state), token: row.token };
}
