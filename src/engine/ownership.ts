import { randomUUID } from 'node:crypto';
import type { Clock } from '../model/clock.ts';
import { errorInfo } from '../model/error-info.ts';
import type { OwnerId, Token } from '../model/ids.ts';
import type { Logger } from '../model/logger.ts';
import type { Store } from '../model/store.ts';
import { keepLease, type Lease } from './lease.ts';

/** Who this host is to its store: an id with a lease, and a new one when the lease was lost. */
export interface Ownership {
  id(): OwnerId;
  /** A claim's token: never given twice, by any host. */
  newToken(): Token;
  /** Registers the owner and keeps its lease. `onLost`: others may have taken over what was held under it. */
  open(onBeat: () => void, onLost: () => void): Promise<void>;
  /** Prolongs the lease before code that blocks the loop. */
  stretch(ms: number): Promise<void>;
  /** Signs off. */
  close(): Promise<void>;
}

export function createOwnership(parts: { store: Store; clock: Clock; logger: Logger; leaseMs: number }): Ownership {
  const { store, logger, leaseMs } = parts;
  let owner = newOwner();
  let tokens = 0;
  let lease: Lease | undefined;
  let closed = false;

  const open = async (onBeat: () => void, onLost: () => void): Promise<void> => {
    await store.registerOwner(owner, leaseMs);
    const beginAnew = (): void => {
      logger.error({ owner }, 'lease lost: another host may have taken over; this one begins anew');
      onLost();
      owner = newOwner();
      if (!closed) open(onBeat, onLost).catch(notRegistered);
    };
    lease = keepLease({ ...parts, owner }, onBeat, beginAnew);
  };
  const notRegistered = (error: unknown): void => {
    logger.error({ owner, error: errorInfo(error).message }, 'owner could not be registered');
  };
  return {
    id: () => owner,
    newToken: () => `${owner}:${(tokens++).toString(36)}` as Token,
    open,
    stretch: async (ms) => lease?.stretch(ms),
    async close() {
      closed = true;
      lease?.stop();
      await store.removeOwner(owner);
    },
  };
}

/** Random, so that a restarted host is never mistaken for the one that died. */
function newOwner(): OwnerId {
  return randomUUID().replaceAll('-', '').slice(0, 12) as OwnerId;
}
