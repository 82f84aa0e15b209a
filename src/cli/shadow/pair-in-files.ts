import { controlPair, notCopying, type PairControl } from '../../adapters/stores/shadow/control.ts';
import { type Pair, pairOf } from '../../adapters/stores/shadow/pair.ts';
import { sqlite } from '../../adapters/stores/sqlite.ts';
import type { Store } from '../../model/store.ts';
import { UsageError } from '../arguments/usage-error.ts';
import { existingStore, readStorePlace } from '../store/store-place.ts';

/** The two stores of a pair, on the command line. */
export interface PairNames {
  readonly old: string;
  readonly other: string;
  /** The new store may be made here. */
  readonly mayBegin: boolean;
}

/** Opens the pair that OLD and NEW mean, as far as it takes, and closes it. @throws UsageError when there is none. */
export async function withPair<T>({ old, other, mayBegin }: PairNames, use: (control: PairControl) => Promise<T>): Promise<T> {
  const pair: Pair = pairOf(existingStore(old), mayBegin ? newStore(other) : existingStore(other));
  try {
    return await use(controlPair(pair, notCopying));
  } finally {
    for (const side of [pair.new, pair.old]) await side.close();
  }
}

function newStore(name: string): Store {
  const place = readStorePlace(name);
  if (place.type === 'memory') throw new UsageError('NEW must outlive this command: give sqlite:FILE.');
  return sqlite(place.file);
}
