import { memory } from '../../../src/adapters/stores/memory.ts';
import type { TickView } from '../../../src/engine/api/schedules.ts';
import type { EngineParts } from '../../../src/engine/engine.ts';
import { byCount } from '../../../src/model/chunkers.ts';
import { defineJob, type Job } from '../../../src/model/job.ts';
import type { TickInput } from '../../../src/model/schedules.ts';
import type { Store } from '../../../src/model/store.ts';
import { defineWork } from '../../../src/model/work.ts';
import { type Gate, gate, openWorld, shared, type World } from '../../support/engine-world.ts';
import { type ManualClock, manualClock } from '../../support/manual-clock.ts';
import { mortal } from '../../support/mortal.ts';
import { until } from '../../support/turns.ts';

/** Longer than a lease that was stretched for work in place. */
export const stretchedMs = 3_700_000;

/** What the scheduled job is started with. */
export interface UserInput {
  readonly user: string;
  /** What of the user is to be seen to: part of the input's fingerprint. */
  readonly day?: string;
}

/** A job whose runs are written down, and wait at a gate where one is given for the user. */
export interface SyncJob {
  readonly job: Job<UserInput, string, string>;
  /** `user day` of each run, in their order. */
  readonly ran: string[];
  /** Doors at which runs of a user wait. */
  readonly gates: Map<string, Gate>;
  hold(user: string): Gate;
}

export function syncJob(): SyncJob {
  const ran: string[] = [];
  const gates = new Map<string, Gate>();
  const work = defineWork({
    each: async ({ user, day = '-' }: UserInput) => {
      ran.push(`${user} ${day}`);
      await gates.get(user)?.opened;
      return `${user} ${day}`;
    },
  });
  const job = defineJob(work, {
    name: 'sync',
    source: (input: UserInput) => [input],
    chunk: byCount(1),
    key: ({ user }) => user,
    metadata: ({ user }) => ({ plan: user }),
    concurrency: 100,
    finalize: ({ combined }) => combined ?? '',
    combine: (left, right) => left + right,
  });
  const hold = (user: string): Gate => {
    const door = gate();
    gates.set(user, door);
    return door;
  };
  return { job, ran, gates, hold };
}

/** One store on one clock, and hosts on it. */
export interface Hosts {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly sync: SyncJob;
  open(parts?: Partial<EngineParts>): Promise<World>;
  /** A host that can be killed. */
  openMortal(): Promise<World & { die(): void }>;
  /** The ticks of a schedule, oldest first. */
  ticks(name?: string): Promise<readonly TickView[]>;
  /** `key outcome` of all inputs of a schedule's ticks, in the order of the ticks. */
  inputs(name?: string): Promise<readonly string[]>;
  /** Moves the time to a moment, and waits until no tick is open. */
  goTo(moment: string): Promise<void>;
}

export function createHosts(start: string): Hosts {
  const clock = manualClock(Date.parse(start));
  const store = { ...shared(memory({ clock })), supports: { durable: false, shared: true } };
  const sync = syncJob();
  const listed = (schedule: string): Promise<readonly TickInput[]> => store.listTickInputs({ schedule, after: 0, limit: 10_000 });
  const open: Hosts['open'] = (parts) => openWorld([sync.job], { clock, store, leaseMs: 3_600_000, ...parts });
  return {
    clock,
    store,
    sync,
    open,
    async openMortal() {
      const { store: reachable, die } = mortal(store);
      return { ...(await open({ store: reachable })), die };
    },
    ticks: async (schedule = 'sync') => [...(await store.listTicks({ schedule, limit: 1_000 }))].reverse(),
    inputs: async (schedule = 'sync') => (await listed(schedule)).map(({ key, outcome }) => `${key} ${outcome}`),
    async goTo(moment) {
      await clock.advance(Date.parse(moment) - clock.now());
      await until('no tick is open', async () => (await store.listSchedules({})).every(({ openTick }) => openTick === null));
    },
  };
}
