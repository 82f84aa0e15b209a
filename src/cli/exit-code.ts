import { type ErrorCode, MillraceError } from '../model/errors.ts';
import type { Outcome } from '../model/outcome.ts';
import { UsageError } from './arguments/usage-error.ts';

/**
 * What the command ends with: complete, completed with failures, bad usage or no readable input, failed; and, as shells do it, 128 and
 * the number of the signal that interrupted it: whoever started it can tell Ctrl-C from a service that is being stopped.
 */
export const exitCodes = { complete: 0, withFailures: 1, usage: 2, failed: 3, SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Nothing ran, and calling the command in another way would help. */
const usageCodes: readonly ErrorCode[] = [
  'INVALID_OPTION',
  'NO_READABLE_INPUT',
  'DRIVER_MISSING',
  'STORE_VERSION',
  'SESSION_NOT_FOUND',
  'JOB_NOT_REGISTERED',
  'WORK_MODULE',
];

/** The exit code that an error ends a command with. */
export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof UsageError) return exitCodes.usage;
  return error instanceof MillraceError && usageCodes.includes(error.code) ? exitCodes.usage : exitCodes.failed;
}

/** The exit code of a session's ending. */
export function exitCodeOfOutcome({ status, counts }: Pick<Outcome<unknown>, 'status' | 'counts'>): ExitCode {
  if (status !== 'completed') return exitCodes.failed;
  const { items, batches } = counts;
  return items.failed + batches.failed + batches.crashed > 0 ? exitCodes.withFailures : exitCodes.complete;
}
