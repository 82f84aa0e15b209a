import type { Timestamp } from '../../../model/ids.ts';
import type {
  NewSchedule,
  ScheduleRecord,
  ScheduleStore,
  TickEnd,
  TickFence,
  TickInput,
  TickNote,
  TickStart,
  TickStarted,
  TickTake,
} from '../../../model/schedules.ts';
import { ownError } from './own.ts';
import { sessionRecord } from './session-entry.ts';
import { createSession } from './session-methods.ts';
import type { MemoryState } from './state.ts';
import { createTicks, isWaiting, type TickEntry, type Ticks, tickRecord } from './ticks.ts';

/** A schedule with its ticks. */
export interface ScheduleEntry {
  given: NewSchedule;
  decidedUntil: Timestamp;
  openTick: Timestamp | null;
  readonly createdAt: Timestamp;
  readonly ticks: Ticks;
}

type Schedules = MemoryState['schedules'];

/** What a memory store does with schedules. */
export function scheduleMethods(state: MemoryState): ScheduleStore {
  const { schedules } = state;
  return {
    async saveSchedule(schedule) {
      const now = state.begin();
      state.wrote(1);
      return scheduleRecord(save(state, schedule, now));
    },
    async listSchedules({ name }) {
      state.look();
      const found = [...schedules.values()].filter(({ given }) => name === undefined || given.name === name);
      return found.sort((left, right) => (left.given.name < right.given.name ? -1 : 1)).map(scheduleRecord);
    },
    async removeSchedule(name) {
      state.begin();
      return schedules.delete(name);
    },
    async takeTick(take) {
      const now = state.begin();
      const schedule = schedules.get(take.schedule);
      const tick = schedule && takeTick(state, schedule, take, now);
      return tick && tickRecord(tick);
    },
    async createTickSession(start) {
      const now = state.begin();
      return createTickSession(state, schedules, start, now);
    },
    async noteTickInput(note) {
      state.begin();
      return noteTickInput(state, schedules, note);
    },
    async endTick(end) {
      const now = state.begin();
      return endTick(state, schedules.get(end.schedule), end, now);
    },
    async listTicks({ schedule, limit }) {
      state.look();
      return [...(schedules.get(schedule)?.ticks.newestFirst() ?? [])].slice(0, limit).map(tickRecord);
    },
    async listTickInputs({ schedule, at, outcome, after, limit }) {
      state.look();
      const all = schedules.get(schedule)?.ticks.inputs() ?? [];
      const found = all.filter((input) => (at ?? input.at) === input.at && (outcome ?? input.outcome) === input.outcome);
      return found.slice(after, after + limit);
    },
  };
}

function save({ schedules, newestInput }: MemoryState, given: NewSchedule, now: Timestamp): ScheduleEntry {
  const known = schedules.get(given.name);
  if (!known) {
    const entry = {
      given: { ...given },
      decidedUntil: now,
      openTick: null,
      createdAt: now,
      ticks: createTicks(given.name, newestInput),
    };
    schedules.set(given.name, entry);
    return entry;
  }
  const isSame = known.given.cron === given.cron && known.given.zone === given.zone;
  if (!isSame) known.decidedUntil = Math.max(known.decidedUntil, now);
  known.given = { ...given };
  return known;
}

function takeTick(state: MemoryState, schedule: ScheduleEntry, take: TickTake, now: Timestamp): TickEntry | undefined {
  const { at, owner, missed, keep } = take;
  if (!state.isAlive(owner, now)) return undefined;
  const tick = schedule.ticks.get(at);
  if (tick?.state === 'open') {
    if (tick.owner !== owner && state.isAlive(tick.owner, now)) return undefined;
    if (tick.owner !== owner) Object.assign(tick, { owner, takes: tick.takes + 1, takenAt: now });
    state.wrote(1);
    return tick;
  }
  if (schedule.openTick !== null || at <= schedule.decidedUntil) return undefined;
  Object.assign(schedule, { openTick: at, decidedUntil: at });
  const taken = schedule.ticks.add({ at, owner, missed, takenAt: now });
  for (const old of [...schedule.ticks.newestFirst()].slice(keep)) if (!isWaiting(old)) schedule.ticks.delete(old);
  state.wrote(1);
  return taken;
}

/** Whether an input may be noted: the tick is open and the owner's, or the input waits. */
function isOpenTo({ owner }: TickFence, tick: TickEntry, noted: TickInput | undefined): boolean {
  return noted?.outcome === 'queued' || (!noted && tick.state === 'open' && tick.owner === owner);
}

function createTickSession(state: MemoryState, schedules: Schedules, start: TickStart, now: Timestamp): TickStarted {
  const { session } = start;
  const ticks = schedules.get(start.schedule)?.ticks;
  const tick = ticks?.get(start.at);
  if (!ticks || !tick) return { type: 'fenced' };
  const noted = tick.inputs.get(session.key)?.input;
  if (noted && noted.outcome !== 'queued') {
    const mine = noted.sessionId === session.id ? state.sessions.get(session.id) : undefined;
    return mine ? { type: 'created', session: sessionRecord(mine) } : { type: 'decided', input: noted };
  }
  if (!isOpenTo(start, tick, noted)) return { type: 'fenced' };
  const made = createSession(state, session, now);
  if (made.type === 'created') ticks.note(tick, { key: session.key, outcome: 'started', sessionId: session.id });
  return made;
}

function noteTickInput(state: MemoryState, schedules: Schedules, note: TickNote): boolean {
  const ticks = schedules.get(note.schedule)?.ticks;
  const tick = ticks?.get(note.at);
  if (!ticks || !tick) return false;
  const noted = tick.inputs.get(note.key)?.input;
  if (!isOpenTo(note, tick, noted)) return noted?.outcome === note.outcome;
  ticks.note(tick, note);
  state.wrote(1);
  return true;
}

function endTick(state: MemoryState, schedule: ScheduleEntry | undefined, end: TickEnd, now: Timestamp): boolean {
  const tick = schedule?.ticks.get(end.at);
  if (!schedule || tick?.owner !== end.owner) return false;
  if (tick.state !== 'open') return tick.state === end.state;
  Object.assign(tick, { state: end.state, endedAt: now, error: ownError(end.error ?? null) });
  schedule.openTick = null;
  state.wrote(1);
  return true;
}

/** The schedule as others see it. */
export function scheduleRecord({ given, decidedUntil, openTick, createdAt }: ScheduleEntry): ScheduleRecord {
  return { ...given, decidedUntil, openTick, createdAt };
}
