import { isEndedSession } from '../../model/moves.ts';
import type { Counts } from '../../model/outcome.ts';
import type { SessionRecord } from '../../model/records.ts';
import type { Progress, SessionView } from './session.ts';

/** What progress is computed from: a live session, or a stored one. */
export type ProgressSource = Pick<SessionRecord, 'state' | 'paused' | 'counts' | 'counters' | 'position'>;

/** Turns counts into progress, with a rate over the last seconds. */
export interface ProgressMeter {
  read(source: ProgressSource, now: number): Progress;
}

/** The rate forgets what was longer ago than about this. */
const memoryMs = 10_000;

export function createProgressMeter(): ProgressMeter {
  let last: { readonly at: number; readonly items: number } | undefined;
  let perMs = 0;
  let highest = 0;

  const learn = (items: number, now: number): void => {
    if (!last) {
      last = { at: now, items };
      return;
    }
    const elapsed = now - last.at;
    if (elapsed < 50) return;
    const weight = perMs === 0 ? 1 : 1 - Math.exp(-elapsed / memoryMs);
    perMs += weight * ((items - last.items) / elapsed - perMs);
    last = { at: now, items };
  };
  return {
    read(source, now) {
      const { counts, counters, position, paused, state } = source;
      const { items } = counts;
      const ended = items.completed + items.failed + items.cancelled;
      learn(ended, now);
      const left = itemsLeft(counts, ended);
      highest = position.ended ? Math.max(highest, fractionOf(source)) : highest;
      return {
        status: statusOf(state),
        paused,
        counts,
        counters,
        sourceEnded: position.ended,
        fraction: position.ended ? highest : undefined,
        itemsPerSecond: perMs * 1_000,
        etaMs: position.ended && perMs > 0 && items.total > 0 ? left / perMs : undefined,
      };
    },
  };
}

/** Where workers read slices, items of batches that have not run are not known yet: then each is taken for an average one. */
function itemsLeft({ items, batches }: Counts, ended: number): number {
  if (items.total > ended || ended === 0) return items.total - ended;
  return ((batches.pending + batches.running) * ended) / Math.max(1, batches.completed);
}

/** The first word of a session's state. */
export function statusOf(state: SessionRecord['state']): SessionView['status'] {
  return state.startsWith('running') ? 'running' : (state as SessionView['status']);
}

/** Completed batches of all: below 1 until the session has ended, since finalize is still to come. */
function fractionOf({ counts, state }: ProgressSource): number {
  if (isEndedSession(state)) return 1;
  const { batches } = counts;
  return batches.total === 0 ? 0 : Math.min(0.999, endedBatches(counts) / batches.total);
}

/** Failed and crashed ones are left out: some of them wait for another attempt. */
function endedBatches({ batches }: Counts): number {
  return batches.completed + batches.cancelled;
}
