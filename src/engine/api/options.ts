import { type Duration, durationMs } from '../../model/duration.ts';
import type { Recycle } from '../../model/executor.ts';
import type { AnyJob, ExecutorName, JobDefinition, Policies } from '../../model/job.ts';
import type { Logger } from '../../model/logger.ts';
import type { Store } from '../../model/store.ts';
import type { Limits } from '../../model/work.ts';
import type { AlertOptions, Notify } from '../notify/notify-options.ts';
import { checkStartOptions } from './check-options.ts';

/** What `createEngine` takes. */
export interface EngineOptions {
  /** The jobs that this host can run: two of one name are an error. */
  jobs?: readonly AnyJob[];
  /** Where everything is kept: `memory()`, `sqlite(path)`, or your own. @default memory() */
  store?: Store;
  /** Where batches run unless their job says otherwise. `MILLRACE_EXECUTOR` overrides. @default 'threads' */
  executor?: ExecutorName;
  /** Workers, threads or processes: 1 to 1,024, or `'auto'` for one a core within the free memory. `MILLRACE_WORKERS` overrides. @default 'auto' */
  workers?: number | 'auto';
  /** Names of the only environment variables that workers see: the place for secrets. @default none */
  env?: readonly string[];
  /** `'auto'`: take on sessions left behind by a dead host, at the start and on a timer. `'manual'`: call `engine.resume()`. @default 'auto' */
  resume?: 'auto' | 'manual';
  /** How long a host counts as alive without a word. At least 1 s. @default '30s' */
  lease?: Duration;
  /** How long `close()` lets running batches end. @default '20s' */
  grace?: Duration;
  /** Is told how sessions ended that were started here, and of alerts: at least once, by any host that has it. @default nobody is told */
  notify?: Notify;
  /** Looks at the store's health again and again, and tells `notify` of what is not well: `{}` for the defaults. @default never */
  alerts?: AlertOptions;
  /** Gets the log lines. @default silent */
  logger?: Logger;
  /** Old space of each worker in MB, at least 16. @default Node's own */
  workerMemoryMb?: number;
  /** When a worker is put away for a fresh one, after its last answer and its teardowns. @default never */
  recycle?: Recycle;
}

/** What a start may set for its session alone: priorities, and any policy of the job. */
export interface StartOptions extends Policies {
  /** Higher goes first; sessions of equal priority share. A whole number from -1,000 to 1,000. @default 0 */
  priority?: number;
  /** Cancels the session when it aborts. */
  signal?: AbortSignal;
  /** The session's natural key, instead of the job's. */
  key?: string;
}

/** Policies as the engine works with them, stored with the session: durations in milliseconds, defaults filled in. */
export interface SessionPolicies {
  readonly attempts: number;
  readonly backoff: {
    readonly type: 'exponential' | 'fixed';
    readonly baseMs: number;
    readonly maxMs: number;
    readonly jitter: boolean;
  };
  readonly limits: Limits;
  readonly poison: 'isolate' | 'fail';
  readonly hostDeaths: number;
  readonly partial: 'allow' | 'forbid';
  readonly executor: ExecutorName | null;
  readonly concurrency: number;
}

/** Checks a start's options, and lays them over the job's policies and the defaults. */
export function resolvePolicies(job: JobDefinition, start: StartOptions): SessionPolicies {
  checkStartOptions(start);
  const chosen = { ...job, ...withoutUndefined(start) };
  const backoff = { ...job.retry?.backoff, ...start.retry?.backoff };
  return {
    attempts: start.retry?.attempts ?? job.retry?.attempts ?? 3,
    backoff: {
      type: backoff.type ?? 'exponential',
      baseMs: durationMs(backoff.base ?? '1s', 'retry.backoff.base'),
      maxMs: durationMs(backoff.max ?? '1m', 'retry.backoff.max'),
      jitter: backoff.jitter ?? true,
    },
    limits: {
      ...limit('timeoutMs', chosen.timeout),
      ...limit('itemTimeoutMs', chosen.itemTimeout),
      ...limit('stallMs', chosen.stall),
    },
    poison: chosen.poison ?? 'isolate',
    hostDeaths: chosen.hostDeaths ?? 5,
    partial: chosen.partial ?? 'allow',
    executor: chosen.executor ?? null,
    concurrency: chosen.concurrency ?? 1,
  };
}

function limit(name: keyof Limits, value: Duration | undefined): Limits {
  return value === undefined ? {} : { [name]: durationMs(value, name, 1) };
}

function withoutUndefined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
