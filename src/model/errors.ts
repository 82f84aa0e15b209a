import type { Duration } from './duration.ts';
import { redact } from './redact.ts';

/**
 * Why an attempt, or an item, ended badly.
 *
 * - `error` the work threw; `permanent` it threw a {@link PermanentError}, or `retry.classify` said so
 * - `unserializable` it returned what the codec refuses
 * - `timeout`, `stalled` it took longer than `timeout` or `itemTimeout`, or made no progress for `stall`
 * - `exit`, `oom`, `signal` its worker left, ran out of memory, or was killed
 * - `module` the work module could not be loaded
 * - `host-death` the host died; `lost` the claim ended without a word
 */
export type Category =
  | 'error'
  | 'permanent'
  | 'unserializable'
  | 'timeout'
  | 'stalled'
  | 'exit'
  | 'oom'
  | 'signal'
  | 'module'
  | 'host-death'
  | 'lost';

/** Own properties of an error: plain values only, so that they survive threads, processes and stores. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>;

/** An error as plain data: it survives threads, processes and stores. Texts are cut to fixed lengths. */
export interface ErrorInfo {
  readonly name: string;
  readonly message: string;
  readonly category: Category;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorInfo;
  /**
   * What else the error says of itself, such as `status: 503`: its own properties that are texts, finite numbers, booleans or null.
   * The first 20; texts cut to 1 KiB. Stored and shown as they are: put no secrets in errors.
   */
  readonly details?: ErrorDetails;
  /** Set by {@link RetryError}: how long to wait before the next attempt. */
  readonly retryAfterMs?: number;
}

/** Stable names of Millrace's own errors. `docs/troubleshooting.md` has a heading for each. */
export type ErrorCode =
  | 'INVALID_OPTION'
  | 'ENGINE_CLOSED'
  | 'JOB_NOT_REGISTERED'
  | 'DUPLICATE_JOB'
  | 'DUPLICATE_SESSION'
  | 'DUPLICATE_TASK'
  | 'SESSION_NOT_FOUND'
  | 'SESSION_FAILED'
  | 'SESSION_CANCELLED'
  | 'ALL_FAILED'
  | 'PARTIAL_FORBIDDEN'
  | 'SOURCE_FAILED'
  | 'SOURCE_NOT_ORDERED'
  | 'SOURCE_LOST'
  | 'HOST_KILLER'
  | 'NOT_REPLAYABLE'
  | 'SESSION_LIVE'
  | 'INPUT_CHANGED'
  | 'JOB_CHANGED'
  | 'COMBINE_FAILED'
  | 'FINALIZE_FAILED'
  | 'WORK_MODULE'
  | 'NOT_ENCODABLE'
  | 'DRIVER_MISSING'
  | 'STORE_FAILED'
  | 'STORE_VERSION'
  | 'STORE_LOST'
  | 'STORE_SHARED_MACHINES'
  | 'SHADOW_PAIR'
  | 'SHADOW_REFUSED'
  | 'SHADOW_STAGE'
  | 'LAW_BROKEN'
  | 'CHART_NOT_SUPPORTED'
  | 'NO_READABLE_INPUT'
  | 'CACHE_FAILED';

/** Code of an error for a group whose workers died before they began with it: none of its items is to blame yet. */
export const workerNotStarted = 'WORKER_NOT_STARTED';

/** The base of every error that Millrace throws. Match on `code`, read `message`. */
export class MillraceError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** An option has a value it can't have. Says what was expected and what came. */
export class InvalidOptionError extends MillraceError {
  constructor(option: string, value: unknown, expected: string) {
    super('INVALID_OPTION', `${option} must be ${expected}; it is ${describe(value)}.`);
  }
}

/** A session with the same key is live, and the job's `onDuplicate` is `'reject'`. */
export class DuplicateSessionError extends MillraceError {
  readonly sessionId: string;

  constructor(job: string, key: string, sessionId: string) {
    super('DUPLICATE_SESSION', `Job ${job} already has a live session for the key ${describe(key)}: ${sessionId}.`);
    this.sessionId = sessionId;
  }
}

/**
 * A pair of stores was not brought to another stage, and nothing was changed. `reason` says why: too many rows differ (`ratio`), rows still
 * wait to be copied (`queue`), hosts are at work (`hosts`), or the stage can't be had from where the pair is (`stage`).
 */
export class ShadowRefusedError extends MillraceError {
  readonly reason: 'ratio' | 'queue' | 'hosts' | 'stage';

  constructor(reason: ShadowRefusedError['reason'], message: string) {
    super('SHADOW_REFUSED', message);
    this.reason = reason;
  }
}

/** Thrown by `session.result()` when the session did not complete. `code` says why, `info` is the recorded error. */
export class SessionError extends MillraceError {
  readonly info: ErrorInfo;

  constructor(code: ErrorCode, sessionId: string, info: ErrorInfo) {
    super(code, `Session ${sessionId} has no result: ${info.message}`);
    this.info = info;
  }
}

/** Thrown by a work's author: trying again will not help. The item, or batch, becomes a dead letter at once. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
}

/** Thrown by a work's author: try again, and not before `after`. Still counts as an attempt. */
export class RetryError extends Error {
  override readonly name = 'RetryError';
  readonly after: Duration | undefined;

  constructor(message: string, options: { after?: Duration; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.after = options.after;
  }
}

/** A value in words for an error message: short, without secrets, and safe whatever it is. */
export function describe(value: unknown): string {
  const text = redact(inWords(value));
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function inWords(value: unknown): string {
  try {
    return typeof value === 'string'
      ? JSON.stringify(value.slice(0, 1_000))
      : String(typeof value === 'object' ? brief(value) : value);
  } catch {
    // A proxy whose traps throw, or a function that can't be turned to text: its kind is all that can be said.
    return `${typeof value === 'object' ? 'an object' : 'a function'} that cannot be shown`;
  }
}

function brief(value: object | null): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? `an array of ${value.length}` : `an object (${value.constructor?.name ?? 'no prototype'})`;
}
