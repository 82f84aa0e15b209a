import { availableParallelism, freemem } from 'node:os';
import { checkWhole } from '../../model/check-option-names.ts';
import { InvalidOptionError } from '../../model/errors.ts';

/** What a worker with a typical library loaded is reckoned to need. */
const bytesPerWorker = 200 * 1024 * 1024;
const maxWorkers = 1_024;

/** What the number of workers depends on. */
export interface Machine {
  /** `os.availableParallelism()`. */
  readonly cpus: number;
  /** Bytes that are free. */
  readonly freeMemory: number;
  readonly env: { readonly MILLRACE_WORKERS?: string | undefined };
}

/**
 * How many workers `'auto'` means on a machine: one per core, no more than free memory holds at 200 MB each, and at least one.
 * `MILLRACE_WORKERS` overrides it.
 *
 * @throws InvalidOptionError when `MILLRACE_WORKERS` is set to anything but a whole number from 1 to 1,024.
 */
export function workersAuto({ cpus, freeMemory, env }: Machine): number {
  const named = env.MILLRACE_WORKERS;
  if (named === undefined || named === '') return Math.max(1, Math.min(cpus, Math.floor(freeMemory / bytesPerWorker)));
  const workers = Number(named);
  if (!/^\d+$/.test(named) || workers < 1 || workers > maxWorkers) {
    throw new InvalidOptionError('MILLRACE_WORKERS', named, `a whole number from 1 to ${maxWorkers}`);
  }
  return workers;
}

/** How many workers an option means on this machine. */
export function workersOf(workers: number | 'auto'): number {
  return workers === 'auto' ? workersAuto({ cpus: availableParallelism(), freeMemory: freemem(), env: process.env }) : workers;
}

/** Refuses a number of workers that is not whole or out of bounds. */
export function checkWorkers(workers: number): number {
  checkWhole(workers, 'workers', 1, maxWorkers);
  return workers;
}
