import type { Payload } from '../../../model/codec.ts';
import type { ErrorInfo } from '../../../model/errors.ts';
import type { OwnerId, SessionId } from '../../../model/ids.ts';
import type { SessionState } from '../../../model/moves.ts';
import type { SessionRecord } from '../../../model/records.ts';
import { countsOf, type Tally } from '../tally.ts';
import type { SqliteFile } from './file.ts';
import { fromFileText, fromFileTextOrNull, readJson } from './file-text.ts';

/** The columns of `sessions` that change while it runs: all that a commit reads and writes. */
export interface SessionRow {
  readonly no: number;
  readonly id: SessionId;
  readonly state: SessionState;
  readonly paused: number;
  readonly cancel_reason: string | null;
  readonly epoch: number;
  readonly chunks: number;
  readonly items_cut: number;
  readonly source_ended: number;
  readonly items: number;
  readonly items_completed: number;
  readonly items_failed: number;
  readonly items_cancelled: number;
  readonly items_duplicate: number;
  readonly cached: number;
  readonly pending: number;
  readonly running: number;
  readonly completed: number;
  readonly failed: number;
  readonly crashed: number;
  readonly cancelled: number;
  readonly counters: string;
  readonly takeovers: number;
  readonly result_generation: number | null;
  readonly event_number: number;
}

/** A session's row with its large values. */
export interface FullSessionRow extends SessionRow {
  readonly job: string;
  readonly version: string;
  readonly key: string;
  readonly priority: number;
  readonly generation: number;
  readonly coordinator_id: OwnerId | null;
  readonly input: Payload;
  readonly settings: Payload | null;
  readonly fingerprint: string;
  readonly chunking: string;
  readonly policies: Payload;
  readonly metadata: Payload | null;
  readonly result: Payload | null;
  readonly error: string | null;
  readonly keep_ms: number | null;
  readonly seat_key: string | null;
  readonly seat_limit: number | null;
  readonly notifies: number;
  readonly finalize_tries: number;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
}

const fullSelect = `select s.*, v.*, (select id from owners where no = s.coordinator) as coordinator_id
from sessions s join session_values v on v.session = s.no where s.pruned = 0`;

/** The sessions that a condition names, in the order it gives. `s` is the session. */
export function selectSessions(file: SqliteFile, rest: string, ...parameters: (string | number)[]): readonly SessionRecord[] {
  return file.all<FullSessionRow>(`${fullSelect} ${rest}`, ...parameters).map(sessionRecord);
}

/** One session in full. */
export function readSession(file: SqliteFile, id: SessionId): SessionRecord | undefined {
  return selectSessions(file, 'and s.id = ?', id)[0];
}

/** One session without its large values. */
export function readSessionRow(file: SqliteFile, id: SessionId): SessionRow | undefined {
  return file.get<SessionRow>('select * from sessions where id = ? and pruned = 0', id);
}

/** The tally of a row. */
export function tallyOf(row: SessionRow): Tally {
  return {
    items: row.items,
    itemsCompleted: row.items_completed,
    itemsFailed: row.items_failed,
    itemsCancelled: row.items_cancelled,
    itemsDuplicate: row.items_duplicate,
    cached: row.cached,
    pending: row.pending,
    running: row.running,
    completed: row.completed,
    failed: row.failed,
    crashed: row.crashed,
    cancelled: row.cancelled,
  };
}

/** The session that a row holds. */
export function sessionRecord(row: FullSessionRow): SessionRecord {
  return {
    id: row.id,
    job: row.job,
    version: fromFileText(row.version),
    key: fromFileText(row.key),
    state: row.state,
    paused: row.paused !== 0,
    cancelReason: fromFileTextOrNull(row.cancel_reason),
    priority: row.priority,
    generation: row.generation,
    epoch: row.epoch,
    coordinator: row.coordinator_id,
    input: row.input,
    settings: row.settings,
    fingerprint: fromFileText(row.fingerprint),
    chunking: row.chunking,
    policies: row.policies,
    metadata: row.metadata,
    keepMs: row.keep_ms,
    ...(row.seat_key !== null && { seat: { key: fromFileText(row.seat_key), limit: row.seat_limit ?? 1 } }),
    ...(row.notifies === 1 && { notifies: true }),
    position: { chunks: row.chunks, items: row.items_cut, ended: row.source_ended === 1 },
    counts: countsOf(tallyOf(row)),
    counters: readCounters(row.counters),
    takeovers: row.takeovers,
    result: row.result,
    resultGeneration: row.result_generation,
    error: readError(row.error),
    finalizeTries: row.finalize_tries,
    eventNumber: row.event_number,
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}

/** An error as the file holds it. */
export function errorText(error: ErrorInfo | null | undefined): string | null {
  return error ? JSON.stringify(error) : null;
}

/** An error from the file. */
export function readError(text: string | null): ErrorInfo | null {
  return text === null ? null : readJson(text, isError, unreadable);
}

/** Stands where an error can't be read. */
export const unreadable: ErrorInfo = { name: 'Error', message: "The recorded error can't be read.", category: 'lost' };

/** Whether a value from the file has what every recorded error has. */
export function isError(value: unknown): value is ErrorInfo {
  const { name, message, category } = Object(value) as Readonly<Record<string, unknown>>;
  return [name, message, category].every((text) => typeof text === 'string');
}

/** Counters from the file. */
export function readCounters(text: string): Record<string, number> {
  return readJson(text, areCounters, {});
}

function areCounters(value: unknown): value is Record<string, number> {
  return typeof value === 'object' && value !== null && Object.values(value).every(Number.isSafeInteger);
}
