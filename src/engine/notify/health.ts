import { type Duration, durationMs } from '../../model/duration.ts';
import { InvalidOptionError } from '../../model/errors.ts';
import type { Timestamp } from '../../model/ids.ts';
import type { AlertName } from '../../model/notifications.ts';
import type { Store } from '../../model/store.ts';

/** Options of a look at the health of a store. */
export interface HealthOptions {
  /** How far back to look. @default '1h' */
  within?: Duration;
  /** The part of attempts that may crash, from 0 to 1: more than that is an alert. @default 0.05 */
  crashRateAlert?: number;
  /** A batch that runs longer is stuck. @default '1h' */
  stuckAfter?: Duration;
  /** A batch that could run, or a session that could start, waiting longer is an alert. @default none */
  waitingAlert?: Duration;
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
  return (await lookAtHealth(store, options)).health;
}

/** The same, with what is not well by its name: null for what is well. What nobody asked about is not there. */
export async function lookAtHealth(
  store: Store,
  options: HealthOptions,
): Promise<{ readonly health: Health; readonly found: ReadonlyMap<AlertName, string | null> }> {
  const { within = '1h', crashRateAlert = 0.05, stuckAfter = '1h' } = options;
  const withinMs = durationMs(within, 'within', 1);
  checkHealthOptions(options);
  const now = await store.now();
  const { completed, failed, crashed, running } = await store.query('attempts', { since: now - withinMs });
  const stuckSince = now - durationMs(stuckAfter, 'stuckAfter');
  const stuck = (await store.query('running', { stuckSince, limit: 1_000 })).length;
  const total = completed + failed + crashed;
  const rate = (count: number): number => (total === 0 ? 0 : count / total);
  const tooMany = `${percent(rate(crashed))} of ${total} attempts crashed: more than ${percent(crashRateAlert)}.`;
  const found = new Map<AlertName, string | null>([
    ['crash-rate', rate(crashed) > crashRateAlert ? tooMany : null],
    ['stuck', stuck > 0 ? `${stuck} running batches are stuck: their host died, or they run too long.` : null],
  ]);
  if (options.waitingAlert !== undefined) found.set('waiting', await waitingTooLong(store, now, options.waitingAlert));
  const alerts = [...found.values()].filter((message) => message !== null);
  const verdict = alerts.length > 0 ? 'alert' : total === 0 && running === 0 ? 'idle' : 'healthy';
  const rates = { completedRate: rate(completed), failedRate: rate(failed), crashedRate: rate(crashed) };
  return { health: { verdict, alerts, withinMs, total, completed, failed, crashed, ...rates, running, stuck }, found };
}

/** Refuses what can't be: also before anybody looks. */
export function checkHealthOptions({ within, crashRateAlert = 0, stuckAfter, waitingAlert }: HealthOptions): void {
  if (!(crashRateAlert >= 0 && crashRateAlert <= 1)) {
    throw new InvalidOptionError('crashRateAlert', crashRateAlert, 'a part from 0 to 1, such as 0.05');
  }
  if (within !== undefined) durationMs(within, 'within', 1);
  if (stuckAfter !== undefined) durationMs(stuckAfter, 'stuckAfter');
  if (waitingAlert !== undefined) durationMs(waitingAlert, 'waitingAlert');
}

async function waitingTooLong(store: Store, now: Timestamp, longest: Duration): Promise<string | null> {
  const longestMs = durationMs(longest, 'waitingAlert');
  const waits = (await store.query('depth', {})).map(({ job, pendingSince, sessionSince }) => {
    const since = Math.min(pendingSince ?? now, sessionSince ?? now);
    return { job, ms: now - since };
  });
  const late = waits.filter(({ ms }) => ms > longestMs).map(({ job, ms }) => `${job} (${Math.round(ms / 1_000)} s)`);
  return late.length > 0 ? `Work waits longer than ${Math.round(longestMs / 1_000)} s: ${late.join(', ')}.` : null;
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}
