import type { Duration } from '../../model/duration.ts';
import type { Notification } from '../../model/notifications.ts';
import type { Awaitable } from '../../model/work.ts';
import type { HealthOptions } from './health.ts';

/**
 * Is told of a notification, at least once: again when it throws, takes longer than 30 s, or its host dies before it has returned.
 * One at a time in each host. `tries` counts from 1; `signal` aborts when its time is over, or the engine is closed.
 */
export type Notify = (
  notification: Notification,
  context: { readonly tries: number; readonly signal: AbortSignal },
) => Awaitable<void>;

/** When alerts are told to `notify`: what `health` calls an alert, once for each time that it begins. */
export interface AlertOptions extends HealthOptions {
  /** How often to look. At least 1 s. @default '1m' */
  every?: Duration;
}
