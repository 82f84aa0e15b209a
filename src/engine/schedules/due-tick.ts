import type { Timestamp } from '../../model/ids.ts';
import type { ScheduleRecord } from '../../model/schedules.ts';
import type { Pattern } from './pattern.ts';

/** Later than this, nobody was there to take a tick: it is a missed one. */
export const lateMs = 60_000;

/** The most missed ticks that are counted, or run one after another; older ones are left out. */
export const mostMissed = 100;

/** What is to be done with a schedule now. `missed`: earlier ticks that this one stands for. */
export type Due =
  | { readonly type: 'none'; readonly next: Timestamp | undefined }
  | { readonly type: 'run' | 'pass'; readonly at: Timestamp; readonly missed: number };

/** Finds the tick that is due. `pass`: it came too late and is not to be run. */
export function dueTick(
  pattern: Pattern,
  { decidedUntil, catchUp }: Pick<ScheduleRecord, 'decidedUntil' | 'catchUp'>,
  now: Timestamp,
): Due {
  const oldest = pattern.next(decidedUntil);
  if (oldest === undefined || oldest > now) return { type: 'none', next: oldest };
  const newest = pattern.last(1, now)[0] ?? oldest;
  const open = newest <= oldest ? [oldest] : pattern.last(mostMissed + 1, now).filter((at) => at > decidedUntil);
  switch (catchUp) {
    case 'all':
      return open.length > mostMissed
        ? { type: 'run', at: open[mostMissed - 1] as Timestamp, missed: 1 }
        : { type: 'run', at: oldest, missed: 0 };
    case 'once':
      return { type: 'run', at: newest, missed: open.length - 1 };
    case 'none':
      return { type: now - newest > lateMs ? 'pass' : 'run', at: newest, missed: open.length - 1 };
    default:
      return catchUp satisfies never;
  }
}
