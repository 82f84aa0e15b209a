import { errorInfo } from '../../model/error-info.ts';
import type { Death } from '../../model/executor.ts';

/** The end of a group that its host gave up: nobody is to blame. */
export function givenUp(reason: unknown): Death {
  return { category: 'lost', error: errorInfo(reason, 'lost'), givenUp: true };
}
