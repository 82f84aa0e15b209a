import type { Notification } from '../../src/model/notifications.ts';
import type { Store } from '../../src/model/store.ts';
import type { Chance } from './chance.ts';
import type { LimitPlan } from './limits.ts';
import type { Mirror } from './mirror.ts';
import type { JobPlan, Plan } from './plan.ts';
import type { SimulatedHost } from './simulated-host.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Witness } from './witness.ts';

/** What every part of a simulated world may use. */
export interface World {
  readonly plan: Plan;
  readonly time: VirtualTime;
  /** Draws of events: waits and faults. */
  readonly chance: Chance;
  /** The one store, without faults. */
  readonly store: Store;
  readonly mirror: Mirror;
  readonly witness: Witness;
  readonly limits: LimitPlan;
  /** What hosts were told, by its id. */
  readonly told: Map<string, Notification>;
  /** When batches of each job were claimed, where there is a rate. */
  readonly starts: Map<string, number[]>;
  /** Every host there ever was. */
  readonly hosts: readonly SimulatedHost[];
  /** Whether things go wrong at present. */
  faultsOn(): boolean;
  /** Notes a line of the trace. */
  say(who: string, what: () => string): void;
  /** Notes that a rule was broken. */
  broken(rule: Rule, what: string): void;
  jobOf(name: string): JobPlan;
  /** Something in a host ends its process. */
  crash(host: SimulatedHost): void;
  /** A store call was done: what the plan has in store behind it happens now. */
  stored(): void;
}

/** Invariants of the architecture by their names there, and what hangs on them. */
export type Rule =
  | 'I1'
  | 'I2'
  | 'I3'
  | 'I4'
  | 'I5'
  | 'I6'
  | 'I7'
  | 'I8'
  | 'I9'
  | 'I10'
  | 'I11'
  | 'I12'
  | 'E1'
  | 'E2'
  | 'E3'
  | 'E4'
  | 'E5'
  | 'E6'
  /** A batch is claimed, durably, before its work starts. */
  | 'claim'
  /** A healthy host keeps its lease. */
  | 'lease'
  /** A held session is neither cut, claimed nor finalized. */
  | 'paused'
  /** Counts are the sums of what they count. */
  | 'counts'
  /** Events tell of what is so, once, each under a number of its own. */
  | 'events'
  /** One live session a key. */
  | 'key'
  /** No more sessions run at once than there are seats. */
  | 'seats'
  /** No more batches start within a window than the rate allows. */
  | 'rate'
  /** Every ending is told, as it was, under an id of its own. */
  | 'told'
  /** Nothing is thrown that nobody awaits. */
  | 'unhandled';
