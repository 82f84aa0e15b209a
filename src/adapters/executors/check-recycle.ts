import { checkOptionNames, checkWhole } from '../../model/check-option-names.ts';
import { InvalidOptionError } from '../../model/errors.ts';
import type { Recycle } from '../../model/executor.ts';

const names = { batches: true, memoryMb: true } as const satisfies Record<keyof Recycle, true>;

/** Refuses impossible marks for putting workers away, naming them. */
export function checkRecycle(recycle: Recycle): void {
  if (typeof recycle !== 'object' || recycle === null) {
    throw new InvalidOptionError('recycle', recycle, 'an object with batches, memoryMb, or both');
  }
  checkOptionNames(recycle, 'recycle', names);
  checkWhole(recycle.batches, 'recycle.batches', 1, Number.MAX_SAFE_INTEGER);
  checkWhole(recycle.memoryMb, 'recycle.memoryMb', 16, 1_048_576);
}
