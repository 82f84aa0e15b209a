import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvalidOptionError } from '../../model/errors.ts';
import type { AnyJob, Policies } from '../../model/job.ts';
import { memoryCache } from '../../workloads/caches/memory-cache.ts';
import { cacheAddress } from '../../workloads/caches/open-cache.ts';
import type { WarmCache } from '../../workloads/caches/warm-cache.ts';
import type { WorkloadEngine } from '../../workloads/engine-part.ts';
import type { WarmReport } from '../../workloads/warm/report.ts';
import { runWarm, type WarmHooks, type WarmRequest, warmInput } from '../../workloads/warm/run-warm.ts';
import { runWarmSql, warmSqlInput, warmSqlJob } from '../../workloads/warm/sql/warm-sql.ts';
import { type WarmInput, type WarmJob, withPolicies } from '../../workloads/warm/warm-job.ts';
import { UsageError } from '../arguments/usage-error.ts';
import { loadJob } from '../load-job.ts';
import { readConfig } from './read-config.ts';

/** What a command line says over its config. */
export type WarmChoice = Pick<WarmRequest, 'refresh' | 'group' | 'key' | 'out' | 'keysPerChunk'> & {
  readonly ttl?: number;
  readonly timeout?: number;
  readonly executor?: Exclude<WarmRequest['executor'], undefined>;
};

/** What a config says. */
export interface WarmPlan {
  readonly job: AnyJob;
  readonly prefix: string;
  /** The config's own cache. */
  readonly cache: string | WarmCache | undefined;
  /** The most connections that workers may have open together. */
  readonly connections: number | undefined;
  run(engine: WorkloadEngine, cache: string | WarmCache, choice: WarmChoice, hooks: WarmHooks): Promise<WarmReport>;
  /** The job with what else sessions would be started with, and what there is to load now: for a schedule. */
  scheduled(cache: string, choice: WarmChoice): { readonly job: WarmJob<unknown>; input(): Promise<WarmInput<unknown>> };
}

/** What a start would be given. */
function policiesOf({ executor, timeout = '30s' }: Pick<WarmRequest, 'executor' | 'timeout'>): Policies {
  return { itemTimeout: timeout, ...(executor && { executor }) };
}

/** Reads a config: JSON with queries, or a module that exports `job` (of `warmJob`) and `request` (of `runWarm`, or a function of it). */
export async function openPlan(file: string): Promise<WarmPlan> {
  if (/\.[cm]?[jt]s$/.test(file)) return modulePlan(file);
  const { cache, connections, ...config } = readConfig(file);
  return {
    job: warmSqlJob,
    prefix: config.prefix,
    cache: cache === undefined || cache === 'memory' ? cache : cacheAddress(cache, dirname(file)),
    connections,
    run: (engine, target, choice, hooks) => runWarmSql(engine, { ...config, ...choice, cache: target }, hooks),
    scheduled: (target, choice) => ({
      // Whatever its own settings are: only what `input` gives is started.
      job: withPolicies(warmSqlJob, policiesOf({ ...config, ...choice })) as WarmJob<unknown>,
      input: () => warmSqlInput({ ...config, ...choice, cache: target }),
    }),
  };
}

async function modulePlan(file: string): Promise<WarmPlan> {
  const job = await loadJob(file, 'job');
  const { request } = (await import(pathToFileURL(resolve(file)).href)) as { request?: unknown };
  const requestOf = async (): Promise<WarmRequest> => {
    const given: unknown = typeof request === 'function' ? await request() : request;
    // A command line is not typed: what is in it is checked by `runWarm`, as for any caller.
    if (typeof given === 'object' && given !== null) return given as WarmRequest;
    throw new InvalidOptionError(`${file}: request`, given, 'what runWarm takes');
  };
  const config = await requestOf();
  return {
    job: job as unknown as AnyJob,
    prefix: config.prefix,
    cache: config.cache,
    connections: undefined,
    run: (engine, cache, choice, hooks) => runWarm(engine, job as unknown as WarmJob, { ...config, ...choice, cache }, hooks),
    scheduled: (cache, choice) => ({
      job: withPolicies(job as unknown as WarmJob<unknown>, policiesOf({ ...config, ...choice })),
      // Asked anew for each tick.
      input: async () => warmInput({ ...(await requestOf()), ...choice, cache }),
    }),
  };
}

/** The cache that is meant: the command line's, the config's, or one of this process alone. */
export function chooseCache(asked: string | undefined, { cache }: WarmPlan): string | WarmCache {
  if (asked !== undefined && asked !== 'memory') return cacheAddress(asked);
  return asked === undefined && cache !== undefined && cache !== 'memory' ? cache : memoryCache();
}

/** A cache that other processes see, too. @throws UsageError */
export function sharedCache(asked: string | undefined, plan: WarmPlan, command: string): string {
  const cache = chooseCache(asked, plan);
  if (typeof cache === 'string') return cache;
  throw new UsageError(`${command} needs a cache that lasts: --cache sqlite:FILE or redis://HOST:PORT.`);
}
