import type { ErrorInfo } from '../../model/errors.ts';
import type { CatchUpPolicy, OverlapPolicy, TickOutcome, TickState } from '../../model/schedules.ts';
import type { Awaitable, Stream } from '../../model/work.ts';
import type { Session } from './session.ts';

/** A time of a schedule, as its inputs are asked for. */
export interface Tick {
  /** The time by the pattern, in epoch milliseconds: not when it is run. */
  readonly at: number;
  /** Earlier ticks that nobody took, and for which this one stands: at most 100 are counted. */
  readonly missed: number;
  /** Aborts when the engine closes: another host then goes on with the tick. */
  readonly signal: AbortSignal;
}

/** Options of `engine.schedule`. */
export interface ScheduleOptions<Input> {
  /**
   * Makes the inputs of a tick: a session is started for each, under its natural key (the job's `key`; without one, a hash of the input).
   * It is asked again when a host died over the tick: inputs that were started by then are left out.
   */
  inputs: (tick: Tick) => Awaitable<Stream<Input>>;
  /** The schedule's name in stores, logs and commands: a letter, then up to 63 letters, digits, dots, colons, dashes or underscores. @default the job's name */
  name?: string;
  /** The zone whose clocks the pattern means: an IANA name. @default 'UTC' */
  zone?: string;
  /**
   * What becomes of an input whose key has a live session. `'skip'`: it is left out, and the tick says so; `'queue'`: it is started when
   * that session has ended, and of several the newest. A session without a living host is resumed. @default 'skip'
   */
  overlap?: OverlapPolicy;
  /**
   * Ticks that came while no host was there, or later than a minute. `'once'`: the newest is run for all; `'none'`: noted, not run;
   * `'all'`: each is run when the sessions of the one before have ended, the newest 100 at most. @default 'once'
   */
  catchUp?: CatchUpPolicy;
}

/** A schedule that this host runs. */
export interface Schedule<out Result, out Output> {
  readonly name: string;
  /** Runs a tick now, whatever the pattern says: it stands for those that were missed. Waits while another one is being run. */
  run(): Promise<TickRun<Result, Output>>;
  /** This host runs it no longer. What a tick has started goes on. The schedule stays in the store, for other hosts: see `engine.removeSchedule`. */
  stop(): Promise<void>;
}

/** What a tick did. */
export interface TickRun<out Result, out Output> extends TickView {
  /** Sessions that it started or resumed. */
  readonly sessions: readonly Session<Result, Output>[];
}

/** A tick as the store has it. */
export interface TickView {
  /** The time by the pattern, in epoch milliseconds. */
  readonly at: number;
  readonly state: TickState;
  /** Earlier ticks that nobody took, and for which this one stands. */
  readonly missed: number;
  readonly takenAt: number;
  readonly endedAt: number | null;
  readonly error: ErrorInfo | null;
  /** Its inputs by what became of them. */
  readonly inputs: Readonly<Record<TickOutcome, number>>;
}

/** A schedule as the store has it. */
export interface ScheduleView {
  readonly name: string;
  readonly job: string;
  readonly cron: string;
  readonly zone: string;
  readonly overlap: OverlapPolicy;
  readonly catchUp: CatchUpPolicy;
  readonly createdAt: number;
  /** When its next tick comes, in epoch milliseconds; null when its pattern can't be read. */
  readonly next: number | null;
  /** The newest ticks, newest first, at most 10. */
  readonly ticks: readonly TickView[];
}
