import type { ErrorInfo } from '../../model/errors.ts';
import type { SessionPolicies } from '../api/options.ts';

/**
 * How long to wait before the next attempt.
 *
 * Exponential: `base * 2^(attempt - 1)`, at most `max`. With jitter the wait lies evenly in its upper half.
 * An error that says when to try again (`RetryError`) is taken at its word.
 *
 * @param attempt - Attempts so far, from 1.
 * @param random - A number in [0, 1).
 */
export function backoffMs(
  policy: SessionPolicies['backoff'],
  attempt: number,
  error: ErrorInfo | undefined,
  random: number,
): number {
  if (error?.retryAfterMs !== undefined) return error.retryAfterMs;
  const grown = policy.type === 'fixed' ? policy.baseMs : policy.baseMs * 2 ** Math.min(attempt - 1, 52);
  const capped = Math.min(grown, policy.maxMs);
  return Math.round(policy.jitter ? capped / 2 + (capped / 2) * random : capped);
}
