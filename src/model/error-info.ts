import { inspect } from 'node:util';
import { cut } from './cut-text.ts';
import { durationMs } from './duration.ts';
import { detailsOf } from './error-details.ts';
import type { Category, ErrorInfo } from './errors.ts';
import { redact, redactValue } from './redact.ts';

/** The largest that a recorded error gets: lengths of its texts, and causes below it. */
export const errorLimits = { message: 8 * 1024, stack: 16 * 1024, name: 200, causes: 5 } as const;

const { message: maxMessage, stack: maxStack, name: maxName, causes: maxCauses } = errorLimits;
const inspectOptions = {
  depth: 2,
  customInspect: false,
  breakLength: Number.POSITIVE_INFINITY,
  maxArrayLength: 10,
  maxStringLength: maxMessage,
};

/**
 * Flattens whatever was thrown to plain data: texts cut (message 8 KiB, stack 16 KiB), causes at most 5 deep,
 * own properties as `details` says. What looks like a secret is masked.
 * Never throws, whatever it is given: getters may throw, causes may be circular, proxies may be hostile.
 *
 * @param category - Why it ended so. Default: what the error itself says (`permanent`, `unserializable`), else `error`.
 */
export function errorInfo(thrown: unknown, category?: Category): ErrorInfo {
  return flatten(thrown, category, 0);
}

/** What was thrown, in words: the text itself, or the error's message. Never throws. */
export function messageOf(thrown: unknown): string {
  return typeof thrown === 'string' ? thrown : errorInfo(thrown).message;
}

function flatten(thrown: unknown, category: Category | undefined, depth: number): ErrorInfo {
  if (!isObject(thrown))
    return { name: 'Error', message: masked(`Thrown: ${inWords(thrown)}`, maxMessage), category: category ?? 'error' };
  const name = textOf(thrown, 'name', maxName) ?? 'Error';
  const code = hasOwn(thrown, 'code') ? textOf(thrown, 'code', maxName) : undefined;
  const stack = textOf(thrown, 'stack', maxStack);
  const retryAfterMs = name === 'RetryError' ? retryAfter(read(thrown, 'after')) : undefined;
  const details = detailsOf(thrown, name === 'RetryError' ? ['after'] : []);
  const cause = depth < maxCauses ? read(thrown, 'cause') : undefined;
  return {
    name,
    message: textOf(thrown, 'message', maxMessage) ?? masked(`Thrown: ${inWords(thrown)}`, maxMessage),
    category: category ?? categoryOf(name, code),
    ...(code !== undefined && { code }),
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && { cause: flatten(cause, undefined, depth + 1) }),
    ...(details && { details: redactValue(details) }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** By name and code, not by class: a work may bring its own copy of the package. */
function categoryOf(name: string, code: string | undefined): Category {
  if (name === 'PermanentError') return 'permanent';
  return code === 'NOT_ENCODABLE' ? 'unserializable' : 'error';
}

function retryAfter(after: unknown): number | undefined {
  if (typeof after !== 'number' && typeof after !== 'string') return undefined;
  try {
    return durationMs(after as Parameters<typeof durationMs>[0], 'after');
  } catch {
    // A delay that can't be read is no delay: the job's own backoff holds, and the error itself is still reported.
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** A property as text: strings and numbers only, since anything else says nothing to a reader. */
function textOf(value: object, key: string, max: number): string | undefined {
  const found = read(value, key);
  return typeof found === 'string' || typeof found === 'number' ? masked(String(found), max) : undefined;
}

/** Cut before and after: a text may be long, and a secret must not be cut in a way that hides it from its mask. */
function masked(text: string, max: number): string {
  return cut(redact(cut(text, max + 1_024)), max);
}

function read(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    // A getter or proxy that throws has nothing to tell: the other properties may.
    return undefined;
  }
}

/** Own only: the numeric `code` that a DOMException inherits names nothing. */
function hasOwn(value: object, key: string): boolean {
  try {
    return Object.hasOwn(value, key);
  } catch {
    return false;
  }
}

function inWords(value: unknown): string {
  try {
    // Looks at data only: no getter, proxy trap or custom function of the thrown object runs.
    return inspect(typeof value === 'string' ? cut(value, maxMessage) : value, inspectOptions);
  } catch {
    return 'an object that cannot be shown';
  }
}
