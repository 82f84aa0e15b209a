import type { Payload } from '../../../model/codec.ts';
import type { OwnerId, SessionId, Timestamp } from '../../../model/ids.ts';
import type { TickInput, TickInputFilter, TickNote, TickOutcome, TickRecord, TickState } from '../../../model/schedules.ts';
import type { SqliteFile } from './file.ts';
import { fromFileText, toFileText } from './file-text.ts';
import { errorText, readError } from './session-rows.ts';

/** A tick as it is read. */
export interface TickColumns {
  readonly schedule: string;
  readonly at: Timestamp;
  readonly state: TickState;
  readonly owner_id: OwnerId;
  readonly takes: number;
  readonly missed: number;
  readonly taken_at: Timestamp;
  readonly ended_at: Timestamp | null;
  readonly error: string | null;
}

export function tickFields(row: TickColumns): Omit<TickRecord, 'inputs'> {
  return {
    schedule: row.schedule,
    at: row.at,
    state: row.state,
    owner: row.owner_id,
    takes: row.takes,
    missed: row.missed,
    takenAt: row.taken_at,
    endedAt: row.ended_at,
    error: readError(row.error),
  };
}

interface TickInputRow {
  readonly schedule: string;
  readonly at: Timestamp;
  readonly key: string;
  readonly outcome: TickOutcome;
  readonly session: SessionId | null;
  readonly error: string | null;
  readonly input: Payload | null;
}

/** Ticks of a schedule: conditions and order are added. */
export const ticksSql = 'select t.*, (select id from owners where no = t.owner) as owner_id from ticks t where t.schedule = ?';
const inputsSql = 'select schedule, at, key, outcome, session, error, input from tick_inputs where schedule = ?1';

/** One tick. */
export function readTick(file: SqliteFile, schedule: string, at: Timestamp): TickRecord | undefined {
  const row = file.get<TickColumns>(`${ticksSql} and t.at = ?`, schedule, at);
  return row && tickOf(file, row);
}

/** Ticks of a schedule, newest first. */
export function readTicks(file: SqliteFile, schedule: string, limit: number): readonly TickRecord[] {
  return file.all<TickColumns>(`${ticksSql} order by t.at desc limit ?`, schedule, limit).map((row) => tickOf(file, row));
}

function tickOf(file: SqliteFile, row: TickColumns): TickRecord {
  const sql = 'select outcome, count(*) as inputs from tick_inputs where schedule = ? and at = ? group by outcome';
  const counts = file.all<{ outcome: TickOutcome; inputs: number }>(sql, row.schedule, row.at);
  return {
    ...tickFields(row),
    inputs: {
      started: 0,
      resumed: 0,
      skipped: 0,
      queued: 0,
      failed: 0,
      ...Object.fromEntries(counts.map(({ outcome, inputs }) => [outcome, inputs])),
    },
  };
}

/** What a tick noted of a key. */
export function readTickInput(file: SqliteFile, schedule: string, at: Timestamp, key: string): TickInput | undefined {
  const row = file.get<TickInputRow>(`${inputsSql} and at = ?2 and key = ?3`, schedule, at, toFileText(key));
  return row && tickInputOf(row);
}

/** Inputs in the order in which they were noted first. */
export function readTickInputs(file: SqliteFile, filter: TickInputFilter): readonly TickInput[] {
  const { schedule, at, outcome, after, limit } = filter;
  // What waits is found by its own index, which needs the word itself.
  const waits = outcome === 'queued' ? "and outcome = 'queued'" : '';
  const sql = `${inputsSql} and (?2 is null or at = ?2) and (?3 is null or outcome = ?3) ${waits} order by no limit ?4 offset ?5`;
  return file.all<TickInputRow>(sql, schedule, at ?? null, outcome ?? null, limit, after).map(tickInputOf);
}

function tickInputOf(row: TickInputRow): TickInput {
  const { schedule, at, outcome, session, input } = row;
  return { schedule, at, key: fromFileText(row.key), outcome, sessionId: session, error: readError(row.error), input };
}

/** Notes an input; older ones of its key wait no longer. */
export function writeTickInput(
  file: SqliteFile,
  schedule: string,
  at: Timestamp,
  { key, outcome, sessionId, error, input }: Pick<TickInput, 'key' | 'outcome' | 'sessionId'> & Pick<TickNote, 'error' | 'input'>,
): void {
  const sql = `insert into tick_inputs (schedule, at, key, outcome, session, error, input) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    on conflict (schedule, at, key) do update set outcome = ?4, session = ?5, error = ?6, input = ?7`;
  const waits = outcome === 'queued' ? (input ?? null) : null;
  file.run(sql, schedule, at, toFileText(key), outcome, sessionId, errorText(error), waits);
  if (outcome !== 'started' && outcome !== 'queued') return;
  const older = "outcome = 'queued' and schedule = ? and key = ? and at < ?";
  file.run(`update tick_inputs set outcome = 'skipped', input = null where ${older}`, schedule, toFileText(key), at);
}
