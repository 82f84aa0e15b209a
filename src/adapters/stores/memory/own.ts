import type { ErrorInfo } from '../../../model/errors.ts';
import type { Isolation } from '../../../model/records.ts';

/*
 * What the store keeps is its own: what callers do to their objects afterwards, or to answers, changes nothing here.
 * Lists and errors are copied once and frozen, so that answers can share them. Payloads never change (see `Payload`) and are kept as they are.
 */

/** A list of numbers of the store's own. */
export function ownNumbers<N extends readonly number[] | null>(numbers: N): N {
  return (numbers && Object.freeze([...numbers])) as N;
}

/** An error record of the store's own, with its causes. */
export function ownError<E extends ErrorInfo | null>(error: E): E {
  if (error === null || Object.isFrozen(error)) return error;
  const { cause, details } = error;
  const copy = {
    ...error,
    ...(cause && { cause: ownError(cause) }),
    ...(details && { details: Object.freeze({ ...details }) }),
  };
  return Object.freeze(copy) as E;
}

/** A search for a killer of the store's own. */
export function ownIsolation(isolation: Isolation | null): Isolation | null {
  return isolation && Object.freeze({ ...isolation, dead: ownNumbers(isolation.dead), error: ownError(isolation.error) });
}
