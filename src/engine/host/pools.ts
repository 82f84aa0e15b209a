import type { Clock } from '../../model/clock.ts';
import { MillraceError } from '../../model/errors.ts';
import type { Executor } from '../../model/executor.ts';
import type { ExecutorName, JobDefinition } from '../../model/job.ts';
import type { SessionPolicies } from '../api/options.ts';
import { createPool, type Pool, type PulledGroup } from '../live/pool.ts';
import { dispatch } from '../run/dispatch.ts';
import { createExclusion } from './exclusion.ts';

/** The pools of a host, made when first needed. */
export interface Pools {
  /** Where a session's batches run. A single chunk, and work of the host itself, needs no worker. */
  poolFor(job: JobDefinition, policies: SessionPolicies, single: boolean): Pool;
  /** Processes: where a batch that kills takes no host with it. */
  refuge(): Executor;
  /** Gives out no more groups. */
  halt(): void;
  /** Resolves when no group is at work. */
  idle(): Promise<unknown>;
  close(): Promise<void>;
}

export interface PoolsParts {
  readonly clock: Clock;
  /** Where batches run unless their job says otherwise. */
  readonly executor: ExecutorName;
  executors(name: ExecutorName, slots: number): Executor;
  /** Called before a group that may block the host's loop for so long. */
  stretchLease(ms: number): Promise<void>;
}

/** How long inline work may block the loop, and with it the heartbeat, when it has no `timeout`. */
const blockingMs = 3_600_000;

/** Inline code that blocks can't be ended: a session with time limits, or with an executor of its own choice, keeps to it. */
function mayRunInline({ executor, limits }: SessionPolicies): boolean {
  return executor === null && Object.keys(limits).length === 0;
}

export function createPools(parts: PoolsParts): Pools {
  const pools = new Map<string, Pool>();
  const groups = new Set<Promise<void>>();
  const exclusion = createExclusion(parts.clock);
  let closed = false;

  const atWork = async (pool: Pool, { feed, batches, release }: PulledGroup): Promise<void> => {
    const { session } = feed;
    if (!pool.executor.supports.kill) await parts.stretchLease(session.policies.limits.timeoutMs ?? blockingMs);
    const run = (): Promise<void> => dispatch(session, batches, release);
    // Work in place that may have killed a host: when it does so again, it must have been the only one.
    const isAlone = session.job.work.type === 'in-place' && batches.some(({ hostDeaths }) => hostDeaths > 0);
    const { signal } = session.abort;
    await (isAlone ? exclusion.alone(run, signal) : exclusion.together(run, signal));
  };
  const run = async (pool: Pool, pulled: PulledGroup): Promise<void> => {
    const { session } = pulled.feed;
    // From here on: batches that wait for their turn are in nobody's queue, and must not look stranded.
    session.groups++;
    const group = atWork(pool, pulled);
    groups.add(group);
    await group;
    groups.delete(group);
    session.groups--;
    session.onAnswer(undefined);
    pulled.release();
  };
  const named = (key: string, name: ExecutorName, slots: number): Pool => {
    const known = pools.get(key);
    if (known) return known;
    if (closed) throw new MillraceError('ENGINE_CLOSED', 'The engine has been closed.');
    const made: Pool = createPool(parts.executors(name, slots), (pulled) => run(made, pulled));
    pools.set(key, made);
    return made;
  };
  /** A pool for each job: one that waits for another, or is slow, never takes the other's turns. */
  const inPlace = ({ name }: JobDefinition, { concurrency }: SessionPolicies): Pool =>
    named(`in-place:${name}:${concurrency}`, 'inline', concurrency);
  return {
    poolFor(job, policies, single) {
      if (job.work.type === 'in-place') return inPlace(job, policies);
      const name = single && mayRunInline(policies) ? 'inline' : (policies.executor ?? parts.executor);
      return named(name, name, 1);
    },
    refuge: () => named('processes', 'processes', 1).executor,
    halt() {
      for (const { scheduler } of pools.values()) scheduler.close();
    },
    idle: () => Promise.allSettled(groups),
    async close() {
      closed = true;
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}
