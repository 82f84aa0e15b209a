import type { Copies, CopyKind } from '../../../../model/replica.ts';
import type { MemoryState } from '../state.ts';

/** What this store does with the units of a kind. */
export interface MemoryKind<Kind extends CopyKind> {
  /** In any order. Of batches none: they are listed session by session. */
  keys(state: MemoryState): Iterable<string>;
  read(state: MemoryState, key: string): Copies[Kind] | undefined;
  put(state: MemoryState, key: string, copy: Copies[Kind]): void;
  remove(state: MemoryState, key: string): void;
}
