import { errorInfo } from '../../model/error-info.ts';
import { MillraceError } from '../../model/errors.ts';
import type { Timestamp } from '../../model/ids.ts';
import type { ScheduleRecord, TickRecord } from '../../model/schedules.ts';
import type { TickRun } from '../api/schedules.ts';
import { type Deferred, deferred } from '../ports/deferred.ts';
import { type Due, dueTick, lateMs } from './due-tick.ts';
import { createFollower, type Follower, isNewestTickLive } from './follow-sessions.ts';
import { readPattern } from './pattern.ts';
import type { Registered, ScheduleParts } from './registered.ts';
import { endTick, runTick } from './run-tick.ts';
import { startWaiting } from './start-waiting.ts';
import { tickView } from './views.ts';
import { createWakeLoop } from './wake-loop.ts';

/** Runs one schedule in this host: one tick at a time, and never a timer without need. */
export interface ScheduleRunner {
  /** Looks what is to be done: at each beat of the host, when a tick is due, and when a session has ended that an input waits for. */
  wake(): void;
  /** Runs a tick now. */
  run(): Promise<TickRun<unknown, unknown>>;
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

/** Ticks that stores keep of a schedule. */
const keep = 50;

/** Timers of Node reach 24 days; and a clock may jump. */
const longestWaitMs = 86_400_000;

/** What a step of a schedule works with. */
interface StepParts extends ScheduleParts {
  readonly name: string;
  readonly follower: Follower;
  /** Runs that were asked for, first come first. */
  readonly asked: Deferred<TickRun<unknown, unknown>>[];
  /** Looks again after so long. */
  arm(ms: number): void;
}

/** @param onGone - Called when the schedule was removed from the store. */
export function createScheduleRunner(parts: ScheduleParts, schedule: Registered, onGone: () => void): ScheduleRunner {
  const { store, persist, clock, logger } = parts.host.ports;
  const { name, job } = schedule.given;
  let cancelTimer = (): void => undefined;
  const step: StepParts = {
    ...parts,
    name,
    asked: [],
    follower: createFollower(parts, () => loop.wake()),
    arm(ms) {
      cancelTimer();
      if (!loop.isStopped()) cancelTimer = clock.after(Math.min(ms, longestWaitMs), () => loop.wake());
    },
  };
  const look = async (): Promise<boolean> => {
    // Whatever is found: beats wake a schedule as well, but only a timer of its own keeps the process alive.
    step.arm(longestWaitMs);
    const [record] = await persist(() => store.listSchedules({ name }));
    // The row tells how it is run: another host may have changed it.
    if (record?.job === job) return stepOn(step, { ...schedule, given: record }, record);
    logger.warn({ schedule: name }, 'schedule was removed, or is one of another job now; this host runs it no longer');
    onGone();
    return false;
  };
  const loop = createWakeLoop(look, (error) => {
    if (!parts.closed.aborted) logger.error({ schedule: name, error: errorInfo(error).message }, 'schedule could not be run');
  });
  const stoppedHere = (): unknown =>
    parts.closed.reason ?? new MillraceError('ENGINE_CLOSED', `Schedule ${name} is not run by this host any more.`);
  return {
    wake: loop.wake,
    async run() {
      if (loop.isStopped()) throw stoppedHere();
      const run = deferred<TickRun<unknown, unknown>>();
      step.asked.push(run);
      loop.wake();
      return run.promise;
    },
    async stop() {
      const stopped = loop.stop();
      cancelTimer();
      await stopped;
      for (const run of step.asked.splice(0)) run.reject(stoppedHere());
    },
  };
}

/** Goes on with the open tick, or takes the next one that is due. @returns Whether there may be more to do at once. */
async function stepOn(step: StepParts, schedule: Registered, record: ScheduleRecord): Promise<boolean> {
  const { store, persist } = step.host.ports;
  if (record.openTick !== null) {
    const tick = await take(step, record.openTick, 0);
    // A living host has it: its death, and its end, are found at the next beat.
    if (tick) await runTick(step, schedule, tick);
    return tick !== undefined;
  }
  const now = await persist(() => store.now());
  const due = dueTick(readPattern(record.cron, record.zone), record, now);
  // Where each tick is to be run, none is passed over for one that was asked for.
  const mayPass = due.type === 'none' || record.catchUp !== 'all';
  if (step.asked.length > 0 && mayPass) return runAsked(step, schedule, due, Math.max(now, record.decidedUntil + 1));
  if (due.type === 'none') {
    if (due.next !== undefined) step.arm(due.next - now);
    if (record.overlap === 'queue') await startWaiting(step, schedule, step.follower);
    return false;
  }
  const isOneOfMany = record.catchUp === 'all' && now - due.at > lateMs;
  if (isOneOfMany && (await isNewestTickLive(step, record.name, step.follower))) return false;
  return runDue(step, schedule, due);
}

function take({ host: { ports }, name }: StepParts, at: Timestamp, missed: number): Promise<TickRecord | undefined> {
  return ports.persist(() => ports.store.takeTick({ schedule: name, at, owner: ports.owner(), missed, keep }));
}

async function runDue(step: StepParts, schedule: Registered, due: Extract<Due, { at: Timestamp }>): Promise<boolean> {
  const { type, at, missed } = due;
  const tick = await take(step, at, missed);
  if (!tick) return false;
  if (type === 'run') await runTick(step, schedule, tick);
  else await endTick(step, schedule, { schedule: step.name, at, owner: tick.owner }, 'missed');
  return true;
}

/** Runs a tick on demand. */
async function runAsked(step: StepParts, schedule: Registered, due: Due, at: Timestamp): Promise<boolean> {
  const { store, persist } = step.host.ports;
  const tick = await take(step, at, due.type === 'none' ? 0 : due.missed + 1);
  const first = tick && step.asked.shift();
  if (!first) return false;
  try {
    const sessions = await runTick(step, schedule, tick);
    const [newest] = await persist(() => store.listTicks({ schedule: step.name, limit: 1 }));
    first.resolve({ ...tickView(newest?.at === at ? newest : tick), sessions });
  } catch (thrown) {
    first.reject(thrown);
    throw thrown;
  }
  return true;
}
