import type { EnginePorts } from '../ports/ports.ts';
import { createNotifier } from './notify.ts';
import type { AlertOptions, Notify } from './notify-options.ts';
import { createHealthWatch } from './watch-health.ts';

/** What a host tells of: endings of sessions, and what is not well. */
export interface Notifications {
  start(): void;
  /** Resolves when nobody looks at the store's health any more. */
  stop(): Promise<void>;
  /** Tells what is there, one last time, for so long at most. From then on nothing is told. */
  lastRound(graceMs: number): Promise<void>;
}

export function createNotifications(
  ports: EnginePorts,
  { notify, alerts }: { readonly notify?: Notify; readonly alerts?: AlertOptions },
): Notifications {
  const notifier = createNotifier(ports, notify);
  const watch = createHealthWatch(ports, alerts, notifier.soon);
  return {
    start() {
      notifier.start();
      watch.start();
    },
    stop: watch.stop,
    lastRound: notifier.close,
  };
}
