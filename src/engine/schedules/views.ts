import type { ScheduleRecord, TickRecord } from '../../model/schedules.ts';
import type { Store } from '../../model/store.ts';
import type { ScheduleView, TickView } from '../api/schedules.ts';
import { readPattern } from './pattern.ts';

const shownTicks = 10;

/** All schedules of a store, by name. */
export async function scheduleViews(store: Store): Promise<readonly ScheduleView[]> {
  const now = await store.now();
  const views: ScheduleView[] = [];
  for (const { decidedUntil, openTick: _, ...record } of await store.listSchedules({})) {
    const ticks = await store.listTicks({ schedule: record.name, limit: shownTicks });
    views.push({ ...record, next: nextOf(record, Math.max(now, decidedUntil)), ticks: ticks.map(tickView) });
  }
  return views;
}

/** A tick as people see it. */
export function tickView({ at, state, missed, takenAt, endedAt, error, inputs }: TickRecord): TickView {
  return { at, state, missed, takenAt, endedAt, error, inputs };
}

/** A row may come from a host that reads patterns or knows zones which this one does not. */
function nextOf({ cron, zone }: Pick<ScheduleRecord, 'cron' | 'zone'>, after: number): number | null {
  try {
    return readPattern(cron, zone).next(after) ?? null;
  } catch {
    return null;
  }
}
