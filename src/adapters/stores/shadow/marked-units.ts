import type { SessionId } from '../../../model/ids.ts';
import { batchKey, type CopyKind, copyKinds, type UnitKey } from '../../../model/replica.ts';

/** Units by name, each once: batches by session and number, which is little to keep. */
export interface MarkedUnits {
  add(kind: Exclude<CopyKind, 'batches'>, key: string): void;
  addBatch(session: SessionId, number: number): void;
  /** Takes some out, those first that others hang on. */
  take(limit: number): readonly UnitKey[];
  /** Takes the batches of a session out. */
  forget(session: SessionId): void;
  clear(): void;
  size(): number;
  /** The session with most batches. */
  largest(): { readonly session: SessionId; readonly size: number } | undefined;
}

/** No units. */
export function createMarkedUnits(): MarkedUnits {
  const plain = new Map<string, UnitKey>();
  const batches = new Map<SessionId, Set<number>>();
  let size = 0;
  const takeBatches = (session: SessionId, known: Set<number>, limit: number): readonly UnitKey[] => {
    const some = [...known].slice(0, limit);
    for (const number of some) known.delete(number);
    size -= some.length;
    // The others come first, next time.
    batches.delete(session);
    if (known.size > 0) batches.set(session, known);
    return some.map((number) => ({ kind: 'batches', key: batchKey(session, number) }));
  };
  return {
    add: (kind, key) => void plain.set(`${kind} ${key}`, { kind, key }),
    addBatch(session, number) {
      const known = batches.get(session) ?? new Set();
      batches.set(session, known);
      size += Number(!known.has(number));
      known.add(number);
    },
    take(limit) {
      const taken = [...plain].slice(0, limit).map(([name, key]) => {
        plain.delete(name);
        return key;
      });
      for (const [session, known] of batches) {
        if (taken.length >= limit) break;
        taken.push(...takeBatches(session, known, limit - taken.length));
      }
      return taken.sort((left, right) => copyKinds.indexOf(left.kind) - copyKinds.indexOf(right.kind));
    },
    forget(session) {
      size -= batches.get(session)?.size ?? 0;
      batches.delete(session);
    },
    clear() {
      plain.clear();
      batches.clear();
      size = 0;
    },
    size: () => plain.size + size,
    largest() {
      const sizes = [...batches].map(([session, known]) => ({ session, size: known.size }));
      return sizes.reduce<(typeof sizes)[number] | undefined>(
        (one, other) => (one && one.size >= other.size ? one : other),
        undefined,
      );
    },
  };
}
