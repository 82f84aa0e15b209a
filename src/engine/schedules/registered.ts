import { channel } from 'node:diagnostics_channel';
import type { JobDefinition } from '../../model/job.ts';
import type { ScheduleEvent } from '../../model/schedule-events.ts';
import type { NewSchedule } from '../../model/schedules.ts';
import type { Awaitable, Stream } from '../../model/work.ts';
import type { Tick } from '../api/schedules.ts';
import type { StartParts } from '../start/start.ts';

/** A schedule whose code is here. */
export interface Registered {
  readonly given: NewSchedule;
  readonly job: JobDefinition;
  readonly inputs: (tick: Tick) => Awaitable<Stream<unknown>>;
}

/** What running a schedule needs: the same as a start. */
export type ScheduleParts = StartParts;

const diagnostics = channel('millrace:schedule');

/** Tells whoever listens. */
export function emit(event: ScheduleEvent): void {
  if (diagnostics.hasSubscribers) diagnostics.publish(event);
}
