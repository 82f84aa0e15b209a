import type { Clock } from '../../model/clock.ts';
import type { OwnerId } from '../../model/ids.ts';
import type { Logger } from '../../model/logger.ts';
import type { Store } from '../../model/store.ts';

/** Keeps this boot's lease. */
export interface Lease {
  /** Prolongs the lease now, for as long as code is about to block the loop. */
  stretch(ms: number): Promise<void>;
  /** Renews it now, because something says that it may have run out. Resolves when that is known, or can't be. */
  confirm(): Promise<void>;
  stop(): void;
}

/**
 * Renews the owner's lease every third of it. A renewal that comes too late fails: then others may have taken over,
 * and `lost` is called once. A store that fails is asked again after a tenth of the lease: there are several tries before it runs out.
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
  const currentMs = (): number => Math.max(leaseMs, stretchedUntil - clock.now());
  const renew = async (ms: number): Promise<boolean> => {
    try {
      const renewed = await store.renewOwner(owner, ms);
      if (stopped || renewed) return !stopped;
      stopped = true;
      cancel?.();
      onLost();
    } catch (error) {
      logger.error({ owner, error: String(error) }, 'lease could not be renewed');
    }
    return false;
  };
  const beat = async (): Promise<void> => {
    const renewed = await renew(currentMs());
    if (renewed) onBeat();
    arm(renewed ? leaseMs / 3 : leaseMs / 10);
  };
  const arm = (ms: number): void => {
    if (!stopped) cancel = clock.after(ms, () => void beat(), { background: true });
  };
  arm(leaseMs / 3);
  return {
    async stretch(ms) {
      const now = clock.now();
      if (stopped || now + ms / 2 < stretchedUntil) return;
      stretchedUntil = now + ms;
      await renew(Math.max(ms, leaseMs));
    },
    async confirm() {
      if (!stopped) await renew(currentMs());
    },
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
