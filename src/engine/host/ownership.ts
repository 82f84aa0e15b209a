import { randomUUID } from 'node:crypto';
import type { Clock } from '../../model/clock.ts';
import { errorInfo } from '../../model/error-info.ts';
import type { OwnerId, Token } from '../../model/ids.ts';
import type { Logger } from '../../model/logger.ts';
import type { Store } from '../../model/store.ts';
import { keepLease, type Lease } from '../ports/lease.ts';
import type { Persist } from '../ports/persist.ts';

/** Who this host is to its store: an id with a lease, and a new one when the lease was lost. */
export interface Ownership {
  id(): OwnerId;
  /** A claim's token: never given twice, by any host. */
  newToken(): Token;
  /**
   * Registers the owner and keeps its lease. `onLost`: others may have taken over what was held under it; it resolves when
   * that is let go of. Then, as soon as the store has the new owner, `onBeat` looks what is to be taken on.
   */
  open(onBeat: () => void, onLost: () => Promise<unknown>): Promise<void>;
  /** Resolves when the store knows the owner: at once, but for the time after a lost lease. */
  registered(): Promise<void>;
  /** A claim was refused: renews the lease, and resolves when the store knows the owner, or when it can't be asked. */
  confirm(): Promise<void>;
  /** Prolongs the lease before code that blocks the loop. */
  stretch(ms: number): Promise<void>;
  /** Signs off. */
  close(): Promise<void>;
}

export function createOwnership(parts: {
  store: Store;
  clock: Clock;
  logger: Logger;
  persist: Persist;
  leaseMs: number;
}): Ownership {
  const { store, logger, persist, leaseMs } = parts;
  let owner = newOwner();
  let tokens = 0;
  let lease: Lease | undefined;
  let closed = false;
  let registered = Promise.resolve();

  const keep = (onBeat: () => void, onLost: () => Promise<unknown>): void => {
    lease = keepLease({ ...parts, owner }, onBeat, () => {
      const letGo = giveUp(onLost);
      registered = registerAgain(onBeat, onLost);
      void Promise.all([registered, letGo]).then(() => closed || onBeat());
    });
  };
  /** Nobody else can have taken over in a store that is only in this process: there, the time ran out, and that is all. */
  const giveUp = async (onLost: () => Promise<unknown>): Promise<void> => {
    if (!store.supports.shared) {
      logger.warn({ owner }, 'lease ran out: this host was suspended, its clock jumped, or its loop was blocked; it goes on');
      return;
    }
    logger.error({ owner }, 'lease lost: another host may have taken over; this one begins anew');
    const letGo = onLost();
    owner = newOwner();
    await letGo;
  };
  const registerAgain = async (onBeat: () => void, onLost: () => Promise<unknown>): Promise<void> => {
    try {
      await persist(async () => closed || (await store.registerOwner(owner, leaseMs)));
      if (!closed) keep(onBeat, onLost);
    } catch (error) {
      logger.error({ owner, error: errorInfo(error).message }, 'owner could not be registered');
    }
  };
  return {
    id: () => owner,
    newToken: () => `${owner}:${(tokens++).toString(36)}` as Token,
    async open(onBeat, onLost) {
      await store.registerOwner(owner, leaseMs);
      keep(onBeat, onLost);
    },
    registered: () => registered,
    async confirm() {
      await lease?.confirm();
      await registered;
    },
    stretch: async (ms) => lease?.stretch(ms),
    async close() {
      closed = true;
      lease?.stop();
      await registered;
      await store.removeOwner(owner);
    },
  };
}

/** Random, so that a restarted host is never mistaken for the one that died. */
function newOwner(): OwnerId {
  return randomUUID().replaceAll('-', '').slice(0, 12) as OwnerId;
}
