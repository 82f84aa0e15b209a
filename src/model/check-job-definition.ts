import { durationMs } from './duration.ts';
import { InvalidOptionError } from './errors.ts';
import type { JobDefinition, Policies } from './job.ts';

/** Names in stores, logs and commands: short, and safe in a path and a shell. */
const namePattern = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/;

/** Refuses a definition with an impossible value, naming the option. */
export function checkJobDefinition(job: JobDefinition): void {
  if (typeof job.name !== 'string' || !namePattern.test(job.name)) {
    throw new InvalidOptionError('name', job.name, 'a letter, then up to 63 letters, digits, dots, dashes or underscores');
  }
  if (typeof job.version !== 'string' || job.version === '') {
    throw new InvalidOptionError('version', job.version, 'a text that is not empty');
  }
  if ((typeof job.source === 'function') === (typeof job.slices === 'function')) {
    throw new InvalidOptionError(`${job.name}: source`, job.source, 'given, or slices instead of it');
  }
  if (job.source && typeof job.chunk?.start !== 'function') {
    throw new InvalidOptionError(`${job.name}: chunk`, job.chunk, 'a chunker, such as byCount(500)');
  }
  if (job.taskId && job.chunk?.description !== 'count:1') {
    throw new InvalidOptionError(`${job.name}: taskId`, job.chunk?.description, 'used with byCount(1): a task id names one item');
  }
  checkPolicies(job, `${job.name}: `);
}

/** Refuses impossible policies, whoever gives them: a job, or the start of one session. */
export function checkPolicies(policies: Policies, where = ''): void {
  const { retry, concurrency } = policies;
  checkWhole(retry?.attempts, `${where}retry.attempts`, 1, 1_000);
  checkWhole(concurrency, `${where}concurrency`, 1, 10_000);
  checkDuration(retry?.backoff?.base, `${where}retry.backoff.base`, 0);
  checkDuration(retry?.backoff?.max, `${where}retry.backoff.max`, 0);
  checkDuration(policies.timeout, `${where}timeout`, 1);
  checkDuration(policies.itemTimeout, `${where}itemTimeout`, 1);
  checkDuration(policies.stall, `${where}stall`, 1);
  checkOneOf(policies.partial, `${where}partial`, ['allow', 'forbid']);
  checkOneOf(policies.onDuplicate, `${where}onDuplicate`, ['join', 'replace', 'reject']);
  checkOneOf(policies.executor, `${where}executor`, ['inline', 'threads']);
  checkOneOf(retry?.backoff?.type, `${where}retry.backoff.type`, ['exponential', 'fixed']);
}

/** Refuses a number that is not whole or out of bounds. */
export function checkWhole(value: number | undefined, name: string, min: number, max: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return;
  throw new InvalidOptionError(name, value, `a whole number from ${min} to ${max}`);
}

/** Answers a text that a job's callback gave; refuses everything else, and the empty text: a store finds rows by it. */
export function checkText(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new InvalidOptionError(name, value, 'a text that is not empty');
}

function checkDuration(value: Parameters<typeof durationMs>[0] | undefined, name: string, min: number): void {
  if (value !== undefined) durationMs(value, name, min);
}

function checkOneOf(value: string | undefined, name: string, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value)) return;
  throw new InvalidOptionError(name, value, `one of ${allowed.map((word) => `'${word}'`).join(', ')}`);
}
