import type { Subject } from 'rxjs';
import type { EngineActors } from '../../machines/engine-actors.ts';
import type { Clock } from '../../model/clock.ts';
import type { MillraceError } from '../../model/errors.ts';
import type { OwnerId, SessionId, Token } from '../../model/ids.ts';
import type { Logger } from '../../model/logger.ts';
import type { Store } from '../../model/store.ts';
import type { Writer } from './commit.ts';
import type { EventBus } from './events.ts';
import type { Persist } from './persist.ts';

/** What every step of the engine may use. */
export interface EnginePorts {
  readonly store: Store;
  readonly writer: Writer;
  readonly persist: Persist;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventBus;
  /** The live statecharts: sessions as actors, batches as actors only while someone inspects. */
  readonly actors: EngineActors;
  /** A number in [0, 1). */
  random(): number;
  /** This boot's owner id: a new one after a renewal that came too late. */
  owner(): OwnerId;
  newToken(): Token;
  /** Looks now, and not with the next beat, for sessions to take on. */
  lookSoon(): void;
  /** Renews the lease after a claim that was refused, and resolves when the store knows the owner again. */
  confirmOwner(): Promise<void>;
  /** Tokens of claims that are asked for, held, or being settled: what the store has beside them is nobody's here. */
  readonly claims: Set<Token>;
  /** A session of this host has ended, or has left it: there may be a free seat, and something to tell. */
  readonly released$: Subject<void>;
  /** Sessions that are started here are told of when they end. */
  readonly notifies: boolean;
  /** Sessions that this host lost with its lease and could not take on again: whoever waits for them here hears why. */
  readonly refused$: Subject<{ readonly id: SessionId; readonly error: MillraceError }>;
}
