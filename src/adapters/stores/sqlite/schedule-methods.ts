import type { Timestamp } from '../../../model/ids.ts';
import type {
  CatchUpPolicy,
  NewSchedule,
  OverlapPolicy,
  ScheduleRecord,
  ScheduleStore,
  TickEnd,
  TickFence,
  TickNote,
  TickRecord,
  TickStart,
  TickStarted,
  TickTake,
} from '../../../model/schedules.ts';
import type { SqliteFile } from './file.ts';
import { isDeadSql, type Owners } from './owners.ts';
import { createSession } from './session-methods.ts';
import { errorText, readSession } from './session-rows.ts';
import { readTick, readTickInput, readTickInputs, readTicks, writeTickInput } from './tick-rows.ts';

/** What an SQLite store does with schedules. */
export function scheduleMethods(file: SqliteFile, owners: Owners): ScheduleStore {
  return {
    saveSchedule: async (schedule) => file.write('session', (now) => saveSchedule(file, schedule, now)),
    listSchedules: async ({ name }) => readSchedules(file, name),
    removeSchedule: async (name) => file.write('session', () => file.run('delete from schedules where name = ?', name) === 1),
    async takeTick(take) {
      owners.noticeDeaths();
      return file.write('session', (now) => takeTick(file, owners.livingNo(take.owner, now), take, now));
    },
    createTickSession: async (start) => file.write('session', (now) => createTickSession(file, owners, start, now)),
    noteTickInput: async (note) => file.write('session', () => noteTickInput(file, note)),
    endTick: async (end) => file.write('session', (now) => endTick(file, end, now)),
    listTicks: async ({ schedule, limit }) => readTicks(file, schedule, limit),
    listTickInputs: async (filter) => readTickInputs(file, filter),
  };
}

interface ScheduleRow {
  readonly name: string;
  readonly job: string;
  readonly cron: string;
  readonly zone: string;
  readonly overlap: OverlapPolicy;
  readonly catch_up: CatchUpPolicy;
  readonly decided_until: Timestamp;
  readonly open_tick: Timestamp | null;
  readonly created_at: Timestamp;
}

/** Schedules by name: all, or one. */
export function readSchedules(file: SqliteFile, name: string | undefined): readonly ScheduleRecord[] {
  const rows = file.all<ScheduleRow>('select * from schedules where ?1 is null or name = ?1 order by name', name ?? null);
  return rows.map(({ catch_up, decided_until, open_tick, created_at, ...row }) => ({
    name: row.name,
    job: row.job,
    cron: row.cron,
    zone: row.zone,
    overlap: row.overlap,
    catchUp: catch_up,
    decidedUntil: decided_until,
    openTick: open_tick,
    createdAt: created_at,
  }));
}

function saveSchedule(file: SqliteFile, given: NewSchedule, now: Timestamp): ScheduleRecord {
  const sql = `insert into schedules (name, job, cron, zone, overlap, catch_up, decided_until, created_at)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
    on conflict (name) do update set
      decided_until = case when cron = ?3 and zone = ?4 then decided_until else max(decided_until, ?7) end,
      job = ?2, cron = ?3, zone = ?4, overlap = ?5, catch_up = ?6`;
  file.run(sql, given.name, given.job, given.cron, given.zone, given.overlap, given.catchUp, now);
  return readSchedules(file, given.name)[0] as ScheduleRecord;
}

/** Finds the tick while its owner has it open. */
const ownedSql = `select 1 from ticks where schedule = ?1 and at = ?2 and state = 'open' and owner = (select no from owners where id = ?3)`;

function owns(file: SqliteFile, { schedule, at, owner }: TickFence): boolean {
  return file.get(ownedSql, schedule, at, owner) !== undefined;
}

function takeTick(file: SqliteFile, ownerNo: number | undefined, take: TickTake, now: Timestamp): TickRecord | undefined {
  if (ownerNo === undefined) return undefined;
  const { schedule, at, missed, keep } = take;
  if (owns(file, take)) return readTick(file, schedule, at);
  const overSql = `update ticks set owner = ?2, takes = takes + 1, taken_at = ?1
    where schedule = ?3 and at = ?4 and state = 'open' and ${isDeadSql('ticks.owner')}`;
  if (file.run(overSql, now, ownerNo, schedule, at) === 1) return readTick(file, schedule, at);
  const openSql = `update schedules set open_tick = ?2, decided_until = ?2
    where name = ?1 and open_tick is null and decided_until < ?2`;
  if (file.run(openSql, schedule, at) === 0) return undefined;
  const insertSql = "insert into ticks (schedule, at, state, owner, missed, taken_at) values (?, ?, 'open', ?, ?, ?)";
  file.run(insertSql, schedule, at, ownerNo, missed, now);
  const waits = "select 1 from tick_inputs i where i.schedule = ticks.schedule and i.at = ticks.at and i.outcome = 'queued'";
  const oldest = 'select at from ticks where schedule = ?1 order by at desc limit 1 offset ?2';
  file.run(`delete from ticks where schedule = ?1 and at <= (${oldest}) and not exists (${waits})`, schedule, keep);
  return readTick(file, schedule, at);
}

function createTickSession(file: SqliteFile, known: Owners, { session, ...fence }: TickStart, now: Timestamp): TickStarted {
  const { schedule, at } = fence;
  const noted = readTickInput(file, schedule, at, session.key);
  if (noted && noted.outcome !== 'queued') {
    const mine = noted.sessionId === session.id ? readSession(file, session.id) : undefined;
    return mine ? { type: 'created', session: mine } : { type: 'decided', input: noted };
  }
  if (!noted && !owns(file, fence)) return { type: 'fenced' };
  const made = createSession(file, known, session, now);
  if (made.type === 'created')
    writeTickInput(file, schedule, at, { key: session.key, outcome: 'started', sessionId: session.id });
  return made;
}

function noteTickInput(file: SqliteFile, { schedule, at, owner, ...note }: TickNote): boolean {
  const noted = readTickInput(file, schedule, at, note.key);
  if (noted && noted.outcome !== 'queued') return noted.outcome === note.outcome;
  if (!noted && !owns(file, { schedule, at, owner })) return false;
  writeTickInput(file, schedule, at, note);
  return true;
}

function endTick(file: SqliteFile, { schedule, at, owner, state, error }: TickEnd, now: Timestamp): boolean {
  if (!owns(file, { schedule, at, owner })) {
    const tick = readTick(file, schedule, at);
    return tick?.owner === owner && tick.state === state;
  }
  const sql = 'update ticks set state = ?, ended_at = ?, error = ? where schedule = ? and at = ?';
  file.run(sql, state, now, errorText(error), schedule, at);
  file.run('update schedules set open_tick = null where name = ?', schedule);
  return true;
}
