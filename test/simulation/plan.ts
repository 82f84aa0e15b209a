import type { Chance } from './chance.ts';
import { planLimits } from './limits.ts';
import { isPending } from './pending.ts';
import { type FaultPlan, planFaults, planZombies } from './plan-faults.ts';

/** What becomes of an item, whoever runs it. */
export type Fate =
  | { readonly type: 'good' }
  /** `each` returns undefined for it: done, without an output. */
  | { readonly type: 'silent' }
  /** Throws the first so many times. */
  | { readonly type: 'flaky'; readonly times: number }
  /** Throws always: by chance as far as anyone can tell, or saying that it is permanent, or with what can't be encoded. */
  | { readonly type: 'bad'; readonly category: 'error' | 'permanent' | 'unserializable' }
  /** `chunk` work gives it up by itself. */
  | { readonly type: 'given-up' }
  /** Kills its worker; or, where nothing is between them, its host. */
  | { readonly type: 'poison'; readonly category: 'exit' | 'oom' | 'signal'; readonly killsHost: boolean }
  /** Never ends, until its time limit. */
  | { readonly type: 'hang' };

/** One element of a simulated input: its place, and its key on the axis that `byRange` cuts. */
export interface SimulatedItem {
  readonly n: number;
  readonly k: number;
}

/** A job, its input, and all that its items, source, combine and finalize will do. */
export interface JobPlan {
  readonly name: string;
  readonly key: string;
  readonly items: readonly SimulatedItem[];
  readonly fates: readonly Fate[];
  /** Items a chunk; for ranges the length of one. */
  readonly size: number;
  readonly input: 'count' | 'range' | 'slices' | 'whole-slices';
  readonly overlap: number;
  /** What a session has computed is there for the next one, which is started when all have ended. */
  readonly incremental: boolean;
  readonly work: 'each' | 'chunk';
  readonly place: 'workers' | 'host';
  readonly slots: number;
  readonly combine: 'concat' | 'sum' | 'none';
  readonly finalize: boolean;
  readonly ownTaskIds: boolean;
  readonly readsOn: boolean;
  /** Items that fail or kill do so in the overlap of a neighbour, too. */
  readonly reaches: boolean;
  readonly partial: 'allow' | 'forbid';
  readonly poison: 'isolate' | 'fail';
  readonly hostDeaths: number;
  readonly attempts: number;
  readonly backoffMs: number;
  readonly timeoutMs: number | undefined;
  /** How long an item takes at most. */
  readonly itemMs: number;
  /** Throws behind so many items. */
  readonly sourceFails: number | undefined;
  /** `combine` throws whenever it sees this item. */
  readonly combineFails: number | undefined;
  /** How many tries at finalize throw. */
  readonly finalizeThrows: number;
  readonly finalizeMs: number;
  readonly onDuplicate: 'join' | 'replace';
}

/** All that a seed decides before the first event. */
export interface Plan {
  readonly seed: number;
  readonly hosts: number;
  readonly jobs: readonly JobPlan[];
  /** How many hosts start the same session at once. */
  readonly starters: number;
  readonly leaseMs: number;
  readonly faults: FaultPlan;
}

export function planWorld(seed: number, chance: Chance): Plan {
  const plan = planAny(seed, chance);
  // Somebody to wait for a seat.
  if (planLimits(seed).tells && plan.jobs.length < 2) return { ...plan, jobs: [...plan.jobs, planJob('job-9', chance)] };
  if (seed % 11 === 8) return withNextSessions(plan, chance);
  return seed % 7 === 2 ? withZombies(plan, chance) : plan;
}

/** Every eleventh world is about sessions that use what earlier ones have left. */
function withNextSessions(plan: Plan, chance: Chance): Plan {
  const jobs = plan.jobs.map((job): JobPlan => {
    if (job.input !== 'count') return { ...job, incremental: true };
    const size = planSize('range', job.items, false, chance);
    const overlap = chance.pick([0, 3, size]);
    return { ...job, incremental: true, input: 'range', size, overlap, ownTaskIds: false, readsOn: false };
  });
  return { ...plan, jobs };
}

/** Every seventh world is about hosts that stand still past their lease, in the middle of their work, and then go on with it. */
function withZombies(plan: Plan, chance: Chance): Plan {
  const itemMs = chance.pick([500, 2_000, 4_000]);
  return {
    ...plan,
    hosts: chance.between(2, 3),
    leaseMs: 3_000,
    jobs: plan.jobs.map((job) => ({ ...job, itemMs, size: job.input === 'range' ? job.size : Math.min(job.size, 3) })),
    faults: { ...plan.faults, storeIsSlow: 0, decisionIsLate: 0.5, incidents: planZombies(chance) },
  };
}

function planAny(seed: number, chance: Chance): Plan {
  const faults = planFaults(chance);
  const hosts = chance.pick([1, 1, 2, 2, 3]);
  return {
    seed,
    hosts,
    jobs: Array.from({ length: chance.pick([1, 1, 1, 1, 2]) }, (_, index) => planJob(`job-${index}`, chance)),
    starters: chance.pick([1, 1, 1, 2]),
    leaseMs: chance.pick([3_000, 30_000]),
    faults,
  };
}

function planJob(name: string, chance: Chance): JobPlan {
  const input = chance.pick(['count', 'count', 'count', 'range', 'range', 'slices', 'whole-slices'] as const);
  const work = chance.pick(['each', 'chunk'] as const);
  const attempts = chance.pick([1, 2, 3, 3, 3, 4]);
  const count = chance.happens(0.05) ? 0 : chance.between(1, chance.pick([4, 12, 40]));
  const items = planItems(count, chance);
  const ownTaskIds = input === 'count' && chance.happens(0.15);
  const size = planSize(input, items, ownTaskIds, chance);
  const place = chance.pick(['workers', 'workers', 'workers', 'host'] as const);
  const timeoutMs = place === 'workers' && chance.happens(0.3) ? 60_000 : undefined;
  const worldOfFates = { work, attempts, place, hangs: timeoutMs !== undefined };
  return {
    name,
    key: `${name}-key`,
    items,
    fates: planFates(items, worldOfFates, chance),
    size,
    input,
    overlap: input === 'range' ? chance.pick([0, 3, size]) : 0,
    incremental: false,
    work,
    place,
    slots: chance.pick([1, 2, 3]),
    combine: chance.pick(['concat', 'concat', 'sum', 'none'] as const),
    finalize: chance.happens(0.6),
    ownTaskIds,
    readsOn: input === 'count' && chance.happens(0.3),
    reaches: work === 'chunk' && chance.happens(0.5),
    partial: chance.happens(0.1) ? 'forbid' : 'allow',
    poison: chance.happens(0.1) ? 'fail' : 'isolate',
    hostDeaths: chance.pick([1, 2, 5]),
    attempts,
    backoffMs: chance.pick([10, 200, 2_000]),
    timeoutMs,
    itemMs: chance.pick([0, 2, 20, 200, 4_000]),
    sourceFails: chance.happens(0.05) ? chance.below(count + 1) : undefined,
    combineFails: chance.happens(0.04) && count > 0 ? chance.below(count) : undefined,
    finalizeThrows: chance.happens(0.15) ? chance.between(1, 4) : 0,
    finalizeMs: chance.pick([0, 0, 50, 5_000]),
    onDuplicate: chance.happens(0.1) ? 'replace' : 'join',
  };
}

function planItems(count: number, chance: Chance): SimulatedItem[] {
  let k = chance.between(0, 50);
  return Array.from({ length: count }, (_, n) => {
    k += chance.pick([0, 1, 1, 2, 7, 30]);
    return { n, k };
  });
}

/** At most twelve batches or so: more say nothing new, and take longer. */
function planSize(input: JobPlan['input'], items: readonly SimulatedItem[], ownTaskIds: boolean, chance: Chance): number {
  if (ownTaskIds || input === 'whole-slices') return 1;
  if (input !== 'range') return chance.between(Math.max(1, Math.ceil(items.length / 12)), 6);
  const span = (items.at(-1)?.k ?? 0) - (items[0]?.k ?? 0) + 1;
  return chance.between(Math.max(2, Math.ceil(span / 12)), Math.max(8, Math.ceil(span / 2)));
}

interface WorldOfFates {
  readonly work: 'each' | 'chunk';
  readonly attempts: number;
  readonly place: 'workers' | 'host';
  readonly hangs: boolean;
}

function planFates(items: readonly SimulatedItem[], world: WorldOfFates, chance: Chance): Fate[] {
  const trouble = chance.pick([0, 0, 0.03, 0.1, 0.3]);
  const deadly = chance.pick([0, 0, 0, 0.04]);
  let hostKillers = 0;
  const fates = items.map((): Fate => {
    if (chance.happens(deadly)) {
      if (world.hangs && chance.happens(0.4)) return { type: 'hang' };
      const killsHost = world.place === 'host' || chance.happens(0.3);
      if (killsHost) hostKillers++;
      // Each takes some hosts with it: more than a few in one world would only take long.
      if (hostKillers <= 2) return { type: 'poison', category: chance.pick(['exit', 'oom', 'signal'] as const), killsHost };
    }
    if (chance.happens(trouble)) return planTrouble(world, chance);
    return world.work === 'each' && chance.happens(0.05) ? { type: 'silent' } : { type: 'good' };
  });
  const isLeftAlone = isPending('flakyInSearch') && isSearchable(world, fates);
  return isLeftAlone ? fates.map(withoutChance) : fates;
}

function isSearchable({ work }: WorldOfFates, fates: readonly Fate[]): boolean {
  return work === 'chunk' && fates.some(({ type }) => type === 'bad' || type === 'poison' || type === 'hang');
}

function withoutChance(fate: Fate): Fate {
  return fate.type === 'flaky' ? { type: 'good' } : fate;
}

function planTrouble({ work, attempts }: WorldOfFates, chance: Chance): Fate {
  // So often that one more fault is not the end of its batch.
  const mostTimes = attempts - 1;
  const kinds = ['flaky', 'flaky', 'bad', work === 'chunk' ? 'given-up' : 'bad'] as const;
  const kind = chance.pick(kinds);
  if (kind === 'flaky') return mostTimes > 0 ? { type: 'flaky', times: chance.between(1, mostTimes) } : { type: 'good' };
  if (kind === 'given-up') return { type: 'given-up' };
  return { type: 'bad', category: chance.pick(['error', 'permanent', 'unserializable'] as const) };
}
