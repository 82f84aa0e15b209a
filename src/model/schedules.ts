import type { Payload } from './codec.ts';
import type { ErrorInfo } from './errors.ts';
import type { OwnerId, SessionId, Timestamp } from './ids.ts';
import type { NewSession, SessionRecord } from './records.ts';

/**
 * What a tick does with an input whose key has a live session. `'skip'`: leaves it out, and says so. `'queue'`: the input waits and is
 * started when that session has ended; one waits a key, and the newest wins.
 */
export type OverlapPolicy = 'skip' | 'queue';

/**
 * What becomes of ticks that nobody took in time. `'once'`: one run for all of them; `'none'`: they are noted, and not run;
 * `'all'`: each is run, one after another, the oldest first.
 */
export type CatchUpPolicy = 'once' | 'none' | 'all';

/** What is known of a schedule when it is made. What makes its inputs is code, and lives in the hosts. */
export interface NewSchedule {
  readonly name: string;
  readonly job: string;
  readonly cron: string;
  /** An IANA name: the pattern is read by its clocks. */
  readonly zone: string;
  readonly overlap: OverlapPolicy;
  readonly catchUp: CatchUpPolicy;
}

/** A schedule as stores keep it. */
export interface ScheduleRecord extends NewSchedule {
  /** Ticks up to this moment are decided: taken, or left out for a later one. */
  readonly decidedUntil: Timestamp;
  /** The tick that is being run, if any: there is never more than one. */
  readonly openTick: Timestamp | null;
  readonly createdAt: Timestamp;
}

/**
 * How a tick stands. `open`: its inputs are being started; `done`: all were decided; `missed`: it came too late and was not run;
 * `failed`: its inputs could not be read to the end.
 */
export type TickState = 'open' | 'done' | 'missed' | 'failed';

/**
 * What a tick did with an input: `started` a session; `resumed` the live one, which no living host had; `skipped` it, for the live one or a
 * newer tick; `queued` it behind the live one; or could not start it: `failed`.
 */
export type TickOutcome = 'started' | 'resumed' | 'skipped' | 'queued' | 'failed';

/** One time of a schedule: (schedule, at) is unique. */
export interface TickRecord {
  readonly schedule: string;
  readonly at: Timestamp;
  readonly state: TickState;
  /** The host that took it last. */
  readonly owner: OwnerId;
  /** Hosts that took it, one after another: more than one when hosts died over it. */
  readonly takes: number;
  /** Earlier ticks that nobody took, and for which this one stands. */
  readonly missed: number;
  readonly takenAt: Timestamp;
  readonly endedAt: Timestamp | null;
  readonly error: ErrorInfo | null;
  /** Its inputs by outcome. */
  readonly inputs: Readonly<Record<TickOutcome, number>>;
}

/** What one tick did with one input: (schedule, at, key) is unique. */
export interface TickInput {
  readonly schedule: string;
  readonly at: Timestamp;
  /** The natural key of the input's session. */
  readonly key: string;
  readonly outcome: TickOutcome;
  /** The session that was started or resumed, or for which it was left out; null when there is none. */
  readonly sessionId: SessionId | null;
  readonly error: ErrorInfo | null;
  /** The input itself, while it waits. */
  readonly input: Payload | null;
}

/** Names a tick, and who runs it. */
export interface TickFence {
  readonly schedule: string;
  readonly at: Timestamp;
  readonly owner: OwnerId;
}

/** Asks for a tick. */
export interface TickTake extends TickFence {
  readonly missed: number;
  /** How many ticks of the schedule are kept, this one among them. Older ones go, unless an input of theirs waits. */
  readonly keep: number;
}

/** Starts the session of an input. */
export interface TickStart extends TickFence {
  readonly session: NewSession;
}

/** What became of a start. `decided`: this tick has dealt with the key before; `fenced`: the tick is not the owner's. */
export type TickStarted =
  | { readonly type: 'created' | 'live'; readonly session: SessionRecord }
  | { readonly type: 'decided'; readonly input: TickInput }
  | { readonly type: 'fenced' };

/** Notes what a tick did with an input that it did not start. */
export interface TickNote extends TickFence {
  readonly key: string;
  readonly outcome: Exclude<TickOutcome, 'started'>;
  readonly sessionId: SessionId | null;
  readonly error?: ErrorInfo;
  /** For `queued`. */
  readonly input?: Payload;
}

/** Ends a tick. */
export interface TickEnd extends TickFence {
  readonly state: Exclude<TickState, 'open'>;
  readonly error?: ErrorInfo;
}

/** Which inputs of a schedule's ticks. */
export interface TickInputFilter {
  readonly schedule: string;
  readonly at?: Timestamp;
  readonly outcome?: TickOutcome;
  /** Rows to pass over. */
  readonly after: number;
  readonly limit: number;
}

/** The part of a store that keeps schedules. A call that comes again, since its answer was lost, is answered as the first. */
export interface ScheduleStore {
  /** Enters a schedule, or changes the one of this name. With another pattern or zone its ticks count from now on, else from where they were. */
  saveSchedule(schedule: NewSchedule): Promise<ScheduleRecord>;
  /** Schedules by name: all, or one. */
  listSchedules(filter: { readonly name?: string }): Promise<readonly ScheduleRecord[]>;
  /** Deletes a schedule, with its ticks and what waits. Its sessions stay. False when there is none. */
  removeSchedule(name: string): Promise<boolean>;
  /**
   * Takes a tick, for a living owner: one that is later than all decided ones while none is open, or the open one when its owner is
   * dead or gone. Undefined when it can't be had. The owner that has it is answered as the first time.
   */
  takeTick(take: TickTake): Promise<TickRecord | undefined>;
  /**
   * Records a session like `createSession`, together with the note that this tick started the input, unless there is one already. An
   * input that waits may be started by any host; so may no other but by the tick's owner. Older ones of the key wait no longer.
   */
  createTickSession(start: TickStart): Promise<TickStarted>;
  /** Notes what became of an input. False, and nothing is changed, when the tick is not the owner's, or has dealt with the key otherwise. */
  noteTickInput(note: TickNote): Promise<boolean>;
  /** Ends a tick that the owner has. False when it has not. */
  endTick(end: TickEnd): Promise<boolean>;
  /** Ticks of a schedule, newest first. */
  listTicks(filter: { readonly schedule: string; readonly limit: number }): Promise<readonly TickRecord[]>;
  /** Inputs in the order in which they were noted first. */
  listTickInputs(filter: TickInputFilter): Promise<readonly TickInput[]>;
}
