import { decode } from '../../model/codec.ts';
import { MillraceError } from '../../model/errors.ts';
import type { SessionRecord } from '../../model/records.ts';
import type { SessionPolicies } from '../api/options.ts';

/**
 * The policies that a session was recorded with. What comes from a store may have been written by anyone, and time limits that are
 * none, or attempts without end, would hurt the whole host.
 *
 * @throws MillraceError `STORE_FAILED` naming the session, when they are not what a start records.
 */
export function storedPolicies({ id, policies }: Pick<SessionRecord, 'id' | 'policies'>): SessionPolicies {
  // Absent in sessions that were recorded before these were there.
  const found: unknown = { poison: 'isolate', hostDeaths: 5, ...Object(decode(policies)) };
  if (arePolicies(found)) return found;
  throw new MillraceError('STORE_FAILED', `The policies that session ${id} was recorded with can't be read.`);
}

function arePolicies(value: unknown): value is SessionPolicies {
  const { attempts, backoff, limits, poison, hostDeaths, partial, executor, concurrency } = record(value);
  const { type, baseMs, maxMs, jitter } = record(backoff);
  const isLength = (ms: unknown): boolean => Number.isFinite(ms) && (ms as number) >= 0;
  return (
    isWhole(attempts, 1_000) &&
    isWhole(hostDeaths, 1_000) &&
    isWhole(concurrency, 10_000) &&
    isOneOf(type, 'exponential', 'fixed') &&
    isLength(baseMs) &&
    isLength(maxMs) &&
    typeof jitter === 'boolean' &&
    isRecord(limits) &&
    Object.values(limits).every((ms) => isLength(ms) && ms !== 0) &&
    isOneOf(poison, 'isolate', 'fail') &&
    isOneOf(partial, 'allow', 'forbid') &&
    isOneOf(executor, null, 'inline', 'threads', 'processes')
  );
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWhole(value: unknown, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= max;
}

function isOneOf(value: unknown, ...allowed: readonly unknown[]): boolean {
  return allowed.includes(value);
}
