import type { Payload } from '../../../../model/codec.ts';
import type { SessionId } from '../../../../model/ids.ts';
import { type Copies, joinKey, splitKey } from '../../../../model/replica.ts';
import type { TickOutcome } from '../../../../model/schedules.ts';
import { fromFileText, toFileText } from '../file-text.ts';
import { readSchedules } from '../schedule-methods.ts';
import { errorText, readError } from '../session-rows.ts';
import { type TickColumns, tickFields, ticksSql } from '../tick-rows.ts';
import { listBy, type RowKind } from './row-kind.ts';
import { upsert } from './upsert.ts';

interface InputColumns {
  readonly no: number;
  readonly outcome: TickOutcome;
  readonly session: SessionId | null;
  readonly error: string | null;
  readonly input: Payload | null;
}

/** What this store does with units of schedules. */
export const scheduleKinds: { readonly [Kind in 'schedules' | 'ticks' | 'tick_inputs']: RowKind<Kind> } = {
  schedules: {
    list: listBy('select name as key from schedules where name > ? order by name limit ?'),
    read: (file, key) => readSchedules(file, key)[0],
    put: (file, _, __, copy) => upsert(file, 'schedules', scheduleColumns(copy), 'name'),
    remove: (file, key) => void file.run('delete from schedules where name = ?', key),
  },
  ticks: {
    list(file, after, limit) {
      const [schedule, at] = after === undefined ? ['', '0'] : splitKey(after);
      const sql = 'select schedule, at from ticks where (schedule, at) > (?, ?) order by schedule, at limit ?';
      const rows = file.all<{ schedule: string; at: number }>(sql, schedule, Number(at), limit);
      return rows.map((row) => joinKey(row.schedule, row.at));
    },
    read(file, key) {
      const [schedule, at] = splitKey(key);
      const row = file.get<TickColumns>(`${ticksSql} and t.at = ?`, schedule, Number(at));
      return row && tickFields(row);
    },
    put: (file, owners, _, copy) => upsert(file, 'ticks', tickColumns(copy, owners.noOf(copy.owner)), 'schedule', 'at'),
    remove(file, key) {
      const [schedule, at] = splitKey(key);
      file.run('delete from ticks where schedule = ? and at = ?', schedule, Number(at));
    },
  },
  tick_inputs: {
    list(file, after, limit) {
      const [schedule, at, key] = after === undefined ? ['', '0', ''] : splitKey(after);
      const sql = `select schedule, at, key from tick_inputs where (schedule, at, key) > (?, ?, ?) order by schedule, at, key limit ?`;
      const rows = file.all<{ schedule: string; at: number; key: string }>(sql, schedule, Number(at), toFileText(key), limit);
      return rows.map((row) => joinKey(row.schedule, row.at, fromFileText(row.key)));
    },
    read(file, name) {
      const [schedule, at, key] = splitKey(name);
      const sql = 'select no, outcome, session, error, input from tick_inputs where schedule = ? and at = ? and key = ?';
      const row = file.get<InputColumns>(sql, schedule, Number(at), toFileText(key));
      if (!row) return undefined;
      const { no: order, outcome, session: sessionId, error, input } = row;
      return { order, schedule, at: Number(at), key, outcome, sessionId, error: readError(error), input };
    },
    put: (file, _, __, copy) => upsert(file, 'tick_inputs', inputColumns(copy), 'schedule', 'at', 'key'),
    remove(file, name) {
      const [schedule, at, key] = splitKey(name);
      file.run('delete from tick_inputs where schedule = ? and at = ? and key = ?', schedule, Number(at), toFileText(key));
    },
  },
};

function scheduleColumns({ catchUp, decidedUntil, openTick, createdAt, ...copy }: Copies['schedules']) {
  const { name, job, cron, zone, overlap } = copy;
  const moments = { decided_until: decidedUntil, open_tick: openTick, created_at: createdAt };
  return { name, job, cron, zone, overlap, catch_up: catchUp, ...moments };
}

function tickColumns({ takenAt, endedAt, error, ...copy }: Copies['ticks'], owner: number) {
  const { schedule, at, state, takes, missed } = copy;
  return { schedule, at, state, owner, takes, missed, taken_at: takenAt, ended_at: endedAt, error: errorText(error) };
}

function inputColumns({ order, schedule, at, key, outcome, sessionId, error, input }: Copies['tick_inputs']) {
  return { no: order, schedule, at, key: toFileText(key), outcome, session: sessionId, error: errorText(error), input };
}
