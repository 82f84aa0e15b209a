import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvalidOptionError } from '../../model/errors.ts';
import type { AnyJob } from '../../model/job.ts';
import { memoryCache } from '../../workloads/caches/memory-cache.ts';
import { cacheAddress } from '../../workloads/caches/open-cache.ts';
import type { WarmCache } from '../../workloads/caches/warm-cache.ts';
import type { WorkloadEngine } from '../../workloads/engine-part.ts';
import type { WarmReport } from '../../workloads/warm/report.ts';
import { runWarm, type WarmHooks, type WarmRequest } from '../../workloads/warm/run-warm.ts';
import { runWarmSql, warmSqlJob } from '../../workloads/warm/sql/warm-sql.ts';
import type { WarmJob } from '../../workloads/warm/warm-job.ts';
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
  };
}

async function modulePlan(file: string): Promise<WarmPlan> {
  const job = await loadJob(file, 'job');
  const { request } = (await import(pathToFileURL(resolve(file)).href)) as { request?: unknown };
  const given: unknown = typeof request === 'function' ? await request() : request;
  if (typeof given !== 'object' || given === null) throw new InvalidOptionError(`${file}: request`, given, 'what runWarm takes');
  // A command line is not typed: what is in it is checked by `runWarm`, as for any caller.
  const config = given as WarmRequest;
  return {
    job: job as unknown as AnyJob,
    prefix: config.prefix,
    cache: config.cache,
    connections: undefined,
    run: (engine, cache, choice, hooks) => runWarm(engine, job as unknown as WarmJob, { ...config, ...choice, cache }, hooks),
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
