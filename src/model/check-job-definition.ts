import { checkLimits } from './check-limits.ts';
import { checkFunction, checkOptionNames, checkWhole } from './check-option-names.ts';
import { durationMs } from './duration.ts';
import { InvalidOptionError } from './errors.ts';
import { checkIncremental } from './incremental.ts';
import type { JobDefinition, Policies, RetryPolicy, TaskDedupePolicy } from './job.ts';
import { endedBatchStates, openBatchStates } from './moves.ts';

/** Names in stores, logs and commands: short, and safe in a path and a shell. */
const namePattern = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/;

/** Every policy. */
export const policyNames = {
  retry: true,
  timeout: true,
  itemTimeout: true,
  stall: true,
  poison: true,
  hostDeaths: true,
  partial: true,
  executor: true,
  concurrency: true,
  onDuplicate: true,
  keep: true,
} as const satisfies Record<keyof Policies, true>;

const jobNames = {
  name: true,
  version: true,
  work: true,
  source: true,
  sourceAfter: true,
  chunk: true,
  slices: true,
  itemId: true,
  taskId: true,
  dedupe: true,
  incremental: true,
  rate: true,
  seats: true,
  settings: true,
  combine: true,
  hole: true,
  finalize: true,
  undo: true,
  key: true,
  fingerprint: true,
  metadata: true,
  ...policyNames,
} as const satisfies Record<keyof JobDefinition, true>;

const callbacks = [
  'source',
  'sourceAfter',
  'slices',
  'itemId',
  'taskId',
  'combine',
  'hole',
  'finalize',
  'undo',
  'key',
  'fingerprint',
  'metadata',
] as const satisfies readonly (keyof JobDefinition)[];

const retryNames = { attempts: true, backoff: true, classify: true } as const satisfies Record<keyof RetryPolicy, true>;

const backoffNames = { type: true, base: true, max: true, jitter: true } as const satisfies Record<
  keyof NonNullable<RetryPolicy['backoff']>,
  true
>;

const dedupeNames = { window: true, states: true, ahead: true } as const satisfies Record<keyof TaskDedupePolicy, true>;

/** Refuses a definition with an impossible value, naming the option. */
export function checkJobDefinition(job: JobDefinition): void {
  if (typeof job.name !== 'string' || !namePattern.test(job.name)) {
    throw new InvalidOptionError('name', job.name, 'a letter, then up to 63 letters, digits, dots, dashes or underscores');
  }
  if (typeof job.version !== 'string' || job.version === '') {
    throw new InvalidOptionError('version', job.version, 'a text that is not empty');
  }
  checkOptionNames(job, job.name, jobNames);
  for (const name of callbacks) checkFunction(job[name], `${job.name}: ${name}`);
  if ((typeof job.source === 'function') === (typeof job.slices === 'function')) {
    throw new InvalidOptionError(`${job.name}: source`, job.source, 'given, or slices instead of it');
  }
  if (job.source && typeof job.chunk?.start !== 'function') {
    throw new InvalidOptionError(`${job.name}: chunk`, job.chunk, 'a chunker, such as byCount(500)');
  }
  if (job.taskId && job.chunk?.description !== 'count:1') {
    throw new InvalidOptionError(`${job.name}: taskId`, job.chunk?.description, 'used with byCount(1): a task id names one item');
  }
  if (job.dedupe) checkDedupe(job, job.dedupe);
  checkIncremental(job);
  checkLimits(job);
  if (job.hole && !job.combine) {
    throw new InvalidOptionError(`${job.name}: hole`, job.hole, 'used with combine: nothing else sees it');
  }
  checkPolicies(job, `${job.name}: `);
}

function checkDedupe({ name, taskId }: JobDefinition, dedupe: TaskDedupePolicy): void {
  if (!taskId) throw new InvalidOptionError(`${name}: dedupe`, dedupe, 'used with taskId: a duplicate is told by it');
  checkOptionNames(dedupe, `${name}: dedupe`, dedupeNames);
  durationMs(dedupe.window, `${name}: dedupe.window`, 1);
  const { states, ahead } = dedupe;
  if (ahead !== undefined && typeof ahead !== 'boolean')
    throw new InvalidOptionError(`${name}: dedupe.ahead`, ahead, 'true or false');
  if (states === undefined) return;
  const known: readonly string[] = [...openBatchStates, ...endedBatchStates];
  if (Array.isArray(states) && states.length > 0 && states.every((state) => known.includes(state))) return;
  throw new InvalidOptionError(`${name}: dedupe.states`, states, `a list of states of batches: ${known.join(', ')}`);
}

/** Refuses impossible policies, whoever gives them: a job, or the start of one session. */
export function checkPolicies(policies: Policies, where = ''): void {
  const { retry, concurrency } = policies;
  if (retry !== undefined) checkRetry(retry, where);
  checkWhole(concurrency, `${where}concurrency`, 1, 10_000);
  checkDuration(policies.timeout, `${where}timeout`, 1);
  checkDuration(policies.itemTimeout, `${where}itemTimeout`, 1);
  checkDuration(policies.stall, `${where}stall`, 1);
  if (policies.keep !== 'forever' && policies.keep !== 'end') checkDuration(policies.keep, `${where}keep`, 0);
  checkOneOf(policies.poison, `${where}poison`, ['isolate', 'fail']);
  checkWhole(policies.hostDeaths, `${where}hostDeaths`, 1, 1_000);
  checkOneOf(policies.partial, `${where}partial`, ['allow', 'forbid']);
  checkOneOf(policies.onDuplicate, `${where}onDuplicate`, ['join', 'replace', 'reject']);
  checkOneOf(policies.executor, `${where}executor`, ['inline', 'threads', 'processes']);
}

function checkRetry(retry: RetryPolicy, where: string): void {
  checkOptionNames(retry, `${where}retry`, retryNames);
  checkWhole(retry.attempts, `${where}retry.attempts`, 1, 1_000);
  checkFunction(retry.classify, `${where}retry.classify`);
  const { backoff } = retry;
  if (backoff === undefined) return;
  checkOptionNames(backoff, `${where}retry.backoff`, backoffNames);
  checkDuration(backoff.base, `${where}retry.backoff.base`, 0);
  checkDuration(backoff.max, `${where}retry.backoff.max`, 0);
  checkOneOf(backoff.type, `${where}retry.backoff.type`, ['exponential', 'fixed']);
  if (backoff.jitter !== undefined && typeof backoff.jitter !== 'boolean') {
    throw new InvalidOptionError(`${where}retry.backoff.jitter`, backoff.jitter, 'true or false');
  }
}

/** Answers a text that a job's callback gave; refuses everything else, and the empty text: a store finds rows by it. */
export function checkText(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new InvalidOptionError(name, value, 'a text that is not empty');
}

function checkDuration(value: Parameters<typeof durationMs>[0] | undefined, name: string, min: number): void {
  if (value !== undefined) durationMs(value, name, min);
}

/** Refuses a word that is given and is none of these. */
export function checkOneOf(value: string | undefined, name: string, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value)) return;
  throw new InvalidOptionError(name, value, `one of ${allowed.map((word) => `'${word}'`).join(', ')}`);
}
