import { durationMs } from '../../model/duration.ts';
import { errorInfo } from '../../model/error-info.ts';
import type { EnginePorts } from '../ports/ports.ts';
import { type HealthOptions, lookAtHealth } from './health.ts';
import type { AlertOptions } from './notify-options.ts';

/** Looks at the store's health again and again. */
export interface HealthWatch {
  start(): void;
  /** Resolves when nothing is looked at any more. */
  stop(): Promise<void>;
}

/**
 * Notes in the store what is not well; the store tells it once, whichever hosts look.
 *
 * @param options - Absent: nobody looks.
 * @param onAlert - Called when something has begun to be not well.
 */
export function createHealthWatch(
  { store, clock, logger }: Pick<EnginePorts, 'store' | 'clock' | 'logger'>,
  options: AlertOptions | undefined,
  onAlert: () => void,
): HealthWatch {
  let stopped = false;
  let cancel = (): void => undefined;
  let looking = Promise.resolve();

  const look = async (health: HealthOptions): Promise<void> => {
    try {
      const { found } = await lookAtHealth(store, health);
      for (const [name, message] of found) {
        if (stopped) return;
        if (!(await store.noteAlert({ name, message }))) continue;
        logger.warn({ alert: name }, message ?? 'all is well again');
        onAlert();
      }
    } catch (error) {
      if (!stopped) logger.error({ error: errorInfo(error).message }, 'health could not be looked at');
    }
  };
  const wait = (): void => {
    if (!options || stopped) return;
    const { every = '1m', ...health } = options;
    const turn = (): void => {
      looking = look(health).then(wait);
    };
    cancel = clock.after(durationMs(every, 'alerts.every', 1_000), turn, { background: true });
  };
  return {
    start: wait,
    async stop() {
      stopped = true;
      cancel();
      await looking;
    },
  };
}
