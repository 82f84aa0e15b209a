import type { Clock } from '../model/clock.ts';
import type { OwnerId } from '../model/ids.ts';
import type { Logger } from '../model/logger.ts';
import type { Store } from '../model/store.ts';

/** Keeps this boot's lease. */
export interface Lease {
  /** Prolongs the lease now, for as long as code is about to block the loop. */
  stretch(ms: number): Promise<void>;
  stop(): void;
}

/**
 * Renews the owner's lease every third of it. A renewal that comes too late fails: then others may have taken over,
 * and `lost` is called once. A store that does not answer is asked again at the next beat.
 */
export function keepLease(
  ports: { store: Store; clock: Clock; logger: Logger; owner: OwnerId; leaseMs: number },
  onBeat: () => void,
  onLost: () => void,
): Lease {
  const { store, clock, logger, owner, leaseMs } = ports;
  let stopped = false;
  let stretchedUntil = 0;
  let cancel: (() => void) | undefined;
  const renew = async (ms: number): Promise<boolean> => {
    try {
      const renewed = await store.renewOwner(owner, ms);
      if (stopped || renewed) return !stopped;
      stopped = true;
      onLost();
    } catch (error) {
      logger.error({ owner, error: String(error) }, 'lease could not be renewed');
    }
    return false;
  };
  const beat = async (): Promise<void> => {
    if (await renew(Math.max(leaseMs, stretchedUntil - clock.now()))) onBeat();
    arm();
  };
  const arm = (): void => {
    if (!stopped) cancel = clock.after(leaseMs / 3, () => void beat(), { background: true });
  };
  arm();
  return {
    async stretch(ms) {
      const now = clock.now();
      if (stopped || now + ms / 2 < stretchedUntil) return;
      stretchedUntil = now + ms;
      await renew(Math.max(ms, leaseMs));
    },
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
