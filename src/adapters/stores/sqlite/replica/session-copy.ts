import type { SessionId } from '../../../../model/ids.ts';
import { isEndedSession } from '../../../../model/moves.ts';
import type { SessionCopy, SessionValues } from '../../../../model/replica.ts';
import { tallyFrom } from '../../tally.ts';
import type { SqliteFile } from '../file.ts';
import { toFileText, toFileTextOrNull } from '../file-text.ts';
import type { Owners } from '../owners.ts';
import { deleteSession } from '../prune-sessions.ts';
import { errorText, type FullSessionRow, sessionRecord } from '../session-rows.ts';
import { type Columns, upsert } from './upsert.ts';

const noValues = "'' as input, null as settings, '' as policies, null as metadata, null as result";

/** A session's row, to be copied. */
export function readSessionCopy(file: SqliteFile, id: string): SessionCopy | undefined {
  const sql = `select s.*, ${noValues}, (select id from owners where no = s.coordinator) as coordinator_id
    from sessions s where s.id = ? and s.pruned = 0`;
  const row = file.get<FullSessionRow>(sql, id);
  if (!row) return undefined;
  const { input, settings, policies, metadata, result, ...record } = sessionRecord(row);
  return { ...record, order: row.no };
}

/** A session's large values, to be copied. */
export function readSessionValues(file: SqliteFile, id: string): SessionValues | undefined {
  const sql = `select v.input, v.settings, v.policies, v.metadata, v.result from session_values v
    join sessions s on s.no = v.session where s.id = ? and s.pruned = 0`;
  const row = file.get<SessionValues>(sql, id);
  if (!row) return undefined;
  // Drivers may add columns of their own.
  const { input, settings, policies, metadata, result } = row;
  return { input, settings, policies, metadata, result };
}

function sessionColumns(copy: SessionCopy, coordinator: number | null): Columns {
  const { position } = copy;
  const tally = tallyFrom(copy.counts);
  return {
    no: copy.order,
    id: copy.id,
    job: copy.job,
    version: toFileText(copy.version),
    key: toFileText(copy.key),
    state: copy.state,
    ended: Number(isEndedSession(copy.state)),
    pruned: 0,
    paused: Number(copy.paused),
    cancel_reason: toFileTextOrNull(copy.cancelReason),
    priority: copy.priority,
    generation: copy.generation,
    epoch: copy.epoch,
    coordinator,
    fingerprint: toFileText(copy.fingerprint),
    chunking: copy.chunking,
    keep_ms: copy.keepMs,
    seat_key: copy.seat ? toFileText(copy.seat.key) : null,
    seat_limit: copy.seat?.limit ?? null,
    notifies: Number(copy.notifies ?? false),
    chunks: position.chunks,
    items_cut: position.items,
    source_ended: Number(position.ended),
    items: tally.items,
    items_completed: tally.itemsCompleted,
    items_failed: tally.itemsFailed,
    items_cancelled: tally.itemsCancelled,
    items_duplicate: tally.itemsDuplicate,
    cached: tally.cached,
    pending: tally.pending,
    running: tally.running,
    completed: tally.completed,
    failed: tally.failed,
    crashed: tally.crashed,
    cancelled: tally.cancelled,
    counters: JSON.stringify(copy.counters),
    takeovers: copy.takeovers,
    result_generation: copy.resultGeneration,
    error: errorText(copy.error),
    finalize_tries: copy.finalizeTries,
    event_number: copy.eventNumber,
    created_at: copy.createdAt,
    started_at: copy.startedAt,
    ended_at: copy.endedAt,
  };
}

/**
 * Takes a session's row over. Another session of its key that is still live here has ended where the copy comes from, and its own
 * copy follows: until then its state tells of the past, but it holds the key no longer.
 */
export function putSessionCopy(file: SqliteFile, owners: Owners, copy: SessionCopy): void {
  const columns = sessionColumns(copy, copy.coordinator === null ? null : owners.noOf(copy.coordinator));
  if (columns.ended === 0) {
    const sql = 'update sessions set ended = 1 where job = ? and key = ? and ended = 0 and id <> ?';
    file.run(sql, copy.job, toFileText(copy.key), copy.id);
  }
  upsert(file, 'sessions', columns, 'id');
}

/** Takes a session's large values over. */
export function putSessionValues(
  file: SqliteFile,
  id: string,
  { input, settings, policies, metadata, result }: SessionValues,
): void {
  const session = noOfSession(file, id);
  if (session !== undefined) upsert(file, 'session_values', { session, input, settings, policies, metadata, result }, 'session');
}

/** A session's number in the file. */
export function noOfSession(file: SqliteFile, id: string): number | undefined {
  return file.get<{ no: number }>('select no from sessions where id = ? and pruned = 0', id)?.no;
}

/** Deletes a session with all that belongs to it, as a prune does: one write hides it, then its rows go group by group. */
export function removeSessionCopy(file: SqliteFile, id: SessionId): void {
  const no = noOfSession(file, id);
  if (no === undefined) return;
  file.write('group', () => file.run('update sessions set pruned = 1, ended = 1 where no = ?', no));
  deleteSession(file, no);
}
