import type { ErrorInfo } from '../../model/errors.ts';

/** What a store records for a batch whose owner died: the same words every time, so that failures group. */
export const hostDeath: ErrorInfo = Object.freeze({
  name: 'HostDeath',
  message: 'The host that ran this batch died, or its lease ran out.',
  category: 'host-death',
});
