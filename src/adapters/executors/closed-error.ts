import { MillraceError } from '../../model/errors.ts';

/** What `run` and `load` of a closed executor reject with. */
export function closedError(executor: string): MillraceError {
  return new MillraceError('ENGINE_CLOSED', `The executor ${executor} is closed: it takes no more work.`);
}
