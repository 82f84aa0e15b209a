import { createHash } from 'node:crypto';
import { MillraceError } from '../../model/errors.ts';

/**
 * Numbers for devices, in the order of their names: tables are of numbers. A device's is the same whatever other devices there are, so that
 * what was computed of it before stays true: 48 bits of a hash of its name, which a double holds exactly, and not 0.
 *
 * @throws MillraceError `NO_READABLE_INPUT` in the case, one in 500 million with a thousand devices, that two names give the same.
 */
export function deviceCodes(names: readonly string[]): readonly number[] {
  const codes = names.map((name) => 1 + createHash('sha256').update(name).digest().readUIntBE(0, 6));
  if (new Set(codes).size < codes.length) {
    throw new MillraceError('NO_READABLE_INPUT', 'Two devices have names that can not be told apart here: rename one of them.');
  }
  return codes;
}
