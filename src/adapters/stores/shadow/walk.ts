import type { SessionId } from '../../../model/ids.ts';
import type { CopyKind, KeyPage, Replica, Unit, UnitKey } from '../../../model/replica.ts';

/** A part of a store: all units of a kind, of batches those of one session. */
export type Scope =
  | { readonly kind: Exclude<CopyKind, 'batches'>; readonly session?: never }
  | { readonly kind: 'batches'; readonly session: SessionId };

/** Copies are made from `from` to `to`. */
export interface Way {
  readonly from: Replica;
  readonly to: Replica;
  /** Other processes write to `from`, too. */
  readonly isShared: boolean;
}

/** A unit in both stores. */
export interface UnitPair {
  readonly key: UnitKey;
  readonly from: Unit;
  readonly to: Unit;
}

/** Units that are looked at together, and how many bytes of outputs are held for it, in each store. */
const pageSize = 64;
/** About how many bytes of outputs are held at a time. */
export const pageBytes = 4 * 1024 * 1024;

/** Goes through a part of both stores, page by page. What fails can be tried again: the walk has not moved. */
export interface Walk {
  /** The next units; undefined at the end. A page may be empty. */
  next(): Promise<readonly UnitPair[] | undefined>;
}

/** What only the second store has comes first: it may be in the way of others. */
export function walkScope({ from, to }: Way, scope: Scope): Walk {
  let isExtra = true;
  let after: string | undefined;
  const pageOf = (limit: number): KeyPage => ({ ...scope, limit, ...(after !== undefined && { after }) });
  const keysOf = async (replica: Replica): Promise<readonly UnitKey[]> =>
    (await replica.list(pageOf(pageSize))).map((key) => ({ kind: scope.kind, key }));
  return {
    async next() {
      if (isExtra) {
        const keys = await keysOf(to);
        const gone = keys.length === 0 ? [] : await from.absent(keys);
        const pairs = gone.length === 0 ? [] : await readPairs({ from, to }, gone);
        isExtra = keys.length > 0;
        after = keys.at(-1)?.key;
        return pairs;
      }
      const keys = await keysOf(from);
      if (keys.length === 0) return undefined;
      const pairs = await readPairs({ from, to }, keys);
      // Large units may make a page shorter than its keys.
      after = pairs.at(-1)?.key.key;
      return pairs;
    },
  };
}

/** As many of the first units as fit in both. */
async function readPairs({ from, to }: Pick<Way, 'from' | 'to'>, keys: readonly UnitKey[]): Promise<readonly UnitPair[]> {
  const { units } = await from.read(keys, pageBytes);
  const { units: others } = await to.read(keys.slice(0, units.length), pageBytes);
  return others.map((other, index) => ({ key: keys[index] as UnitKey, from: units[index] as Unit, to: other }));
}

/** Every part of both stores, each before what hangs on it. */
export async function* allScopes({ from, to }: Way, kinds: readonly CopyKind[]): AsyncGenerator<Scope> {
  for (const kind of kinds) {
    if (kind !== 'batches') {
      yield { kind };
      continue;
    }
    for await (const session of sessionsOf(from)) yield { kind, session };
    for await (const session of sessionsOf(to)) {
      if ((await from.absent([{ kind: 'sessions', key: session }])).length > 0) yield { kind, session };
    }
  }
}

async function* sessionsOf(replica: Replica): AsyncGenerator<SessionId> {
  for (let after: string | undefined; ; ) {
    const keys = await replica.list({ kind: 'sessions', limit: pageSize, ...(after !== undefined && { after }) });
    for (const key of keys) yield key as SessionId;
    if (keys.length === 0) return;
    after = keys.at(-1);
  }
}
