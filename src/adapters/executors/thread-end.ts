import { errorInfo } from '../../model/error-info.ts';
import type { WorkerEnd } from './name-death.ts';

/** Says how a thread ended, from what its pool rejected with. */
export function threadEnd(thrown: unknown): WorkerEnd {
  const cause = errorInfo(thrown);
  if (cause.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return { category: 'oom', message: 'The worker ran out of memory (option workerMemoryMb).', cause };
  }
  // Piscina gives the code in the message only.
  const exit = /^worker exited with code: (\d+)$/.exec(cause.message);
  if (exit) return { category: 'exit', message: `The worker left with exit code ${exit[1]}: the work called process.exit.` };
  return { category: 'lost', message: `The worker ended without a word: ${cause.message}`, cause };
}
