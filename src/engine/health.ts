import { type Duration, durationMs } from '../model/duration.ts';
import { InvalidOptionError } from '../model/errors.ts';
import type { Store } from '../model/store.ts';

/** Options of a look at the health of a store. */
export interface HealthOptions {
  /** How far back to look. @default '1h' */
  within?: Duration;
  /** The part of attempts that may crash, from 0 to 1: more than that is an alert. @default 0.05 */
  crashRateAlert?: number;
  /** A batch that runs longer is stuck. @default '1h' */
  stuckAfter?: Duration;
}

/** How the work of a store goes. Attempts that were handed back or cancelled say nothing and are not counted. */
export interface Health {
  /** `idle`: nothing ended in this time, and nothing is wrong. `alert`: `alerts` says why. */
  readonly verdict: 'healthy' | 'idle' | 'alert';
  /** Sentences; empty unless there is an alert. */
  readonly alerts: readonly string[];
  readonly withinMs: number;
  /** Attempts that ended. */
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly crashed: number;
  /** Parts of the total, 0 to 1; 0 when there is none. */
  readonly completedRate: number;
  readonly failedRate: number;
  readonly crashedRate: number;
  /** Batches that run now. */
  readonly running: number;
  /** Running batches whose host died, or that run too long; at most 1,000 are counted. */
  readonly stuck: number;
}

/** Looks at the attempts that ended lately, and at what runs now. `assertOpen` throws when the store may not be asked any more. */
export async function healthOf(
  store: Store,
  options: HealthOptions = {},
  assertOpen: () => void = () => undefined,
): Promise<Health> {
  assertOpen();
  const { within = '1h', crashRateAlert = 0.05, stuckAfter = '1h' } = options;
  const withinMs = durationMs(within, 'within', 1);
  if (!(crashRateAlert >= 0 && crashRateAlert <= 1)) {
    throw new InvalidOptionError('crashRateAlert', crashRateAlert, 'a part from 0 to 1, such as 0.05');
  }
  const now = await store.now();
  const { completed, failed, crashed, running } = await store.query('attempts', { since: now - withinMs });
  const stuckSince = now - durationMs(stuckAfter, 'stuckAfter');
  const stuck = (await store.query('running', { stuckSince, limit: 1_000 })).length;
  const total = completed + failed + crashed;
  const rate = (count: number): number => (total === 0 ? 0 : count / total);
  const alerts = [
    ...(rate(crashed) > crashRateAlert
      ? [`${percent(rate(crashed))} of ${total} attempts crashed: more than ${percent(crashRateAlert)}.`]
      : []),
    ...(stuck > 0 ? [`${stuck} running batches are stuck: their host died, or they run too long.`] : []),
  ];
  const verdict = alerts.length > 0 ? 'alert' : total === 0 && running === 0 ? 'idle' : 'healthy';
  const rates = { completedRate: rate(completed), failedRate: rate(failed), crashedRate: rate(crashed) };
  return { verdict, alerts, withinMs, total, completed, failed, crashed, ...rates, running, stuck };
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}
