import type { ErrorInfo } from './errors.ts';
import type { SessionId, Timestamp } from './ids.ts';
import type { TickOutcome, TickState } from './schedules.ts';

interface ScheduleEventBase {
  readonly schedule: string;
  readonly job: string;
  /** The tick: its time by the pattern. */
  readonly at: Timestamp;
}

/** What happened to a tick in this host. Sent after the write that made it true, on the diagnostics channel `millrace:schedule`. */
export type ScheduleEvent =
  | (ScheduleEventBase & { readonly type: 'tick.taken'; readonly missed: number; readonly takes: number })
  | (ScheduleEventBase & {
      readonly type: 'tick.input';
      readonly key: string;
      readonly outcome: TickOutcome;
      /** The session that was started or resumed, or for which the input was left out. */
      readonly sessionId: SessionId | null;
      readonly error?: ErrorInfo;
    })
  | (ScheduleEventBase & { readonly type: 'tick.ended'; readonly state: Exclude<TickState, 'open'>; readonly error?: ErrorInfo });
