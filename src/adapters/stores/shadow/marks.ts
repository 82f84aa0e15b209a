import type { SessionId } from '../../../model/ids.ts';
import { type CopyKind, readBatchKey, type UnitKey } from '../../../model/replica.ts';
import { createMarkedUnits } from './marked-units.ts';
import type { Scope } from './walk.ts';

/**
 * What is still to be copied, by name: values are read when they are copied, so that many changes of a row are one copy, and the order
 * of changes does not matter. Nothing is ever forgotten for want of room: rows become their whole session, sessions become everything,
 * and what stands for a whole is compared, and copied where it differs.
 */
export interface Marks {
  unit(kind: Exclude<CopyKind, 'batches'>, key: string): void;
  batch(session: SessionId, number: number): void;
  scope(scope: Scope): void;
  /** All that the stores hold. */
  everything(): void;
  /** Batches that a rescue has changed: it does not say which. */
  rescued(): void;
  /** Inputs of a schedule's ticks that wait no longer, since a later one was noted: the note does not say which. */
  waiting(schedule: string): void;
  /** Takes some units out. */
  take(limit: number): readonly UnitKey[];
  /** Takes a part out. */
  takeScope(): Scope | undefined;
  /** Takes out that something is to be found first. */
  takeSearch(): Wanted | undefined;
  /** Marks units again. */
  putBack(keys: readonly UnitKey[]): void;
  /** Units and parts that are marked. */
  count(): number;
}

/** What has to be found before it can be copied. */
export type Wanted =
  | { readonly type: 'everything' | 'rescued'; readonly schedule?: never }
  | { readonly type: 'waiting'; readonly schedule: string };

/** Nothing is marked. At most `bound` units, and as many parts, are kept by name. */
export function createMarks(bound: number): Marks {
  const units = createMarkedUnits();
  const scopes = new Map<string, Scope>();
  const searches = new Map<string, Wanted>();
  const isMarked = (scope?: Scope): boolean =>
    searches.has('everything') || (scope !== undefined && scopes.has(scopeName(scope)));
  const widen = (): void => {
    if (units.size() <= bound) return;
    const largest = units.largest();
    if (!largest || largest.size * 100 < bound) {
      marks.everything();
      return;
    }
    marks.scope({ kind: 'batches', session: largest.session });
    marks.unit('sessions', largest.session);
  };
  const marks: Marks = {
    unit(kind, key) {
      if (isMarked()) return;
      units.add(kind, key);
      widen();
    },
    batch(session, number) {
      if (isMarked({ kind: 'batches', session })) return;
      units.addBatch(session, number);
      widen();
    },
    scope(scope) {
      if (isMarked()) return;
      if (scope.kind === 'batches') units.forget(scope.session);
      scopes.set(scopeName(scope), scope);
      if (scopes.size > bound) marks.everything();
    },
    everything() {
      for (const marked of [units, scopes, searches]) marked.clear();
      searches.set('everything', { type: 'everything' });
    },
    rescued: () => void searches.set('rescued', { type: 'rescued' }),
    waiting: (schedule) => void searches.set(`waiting ${schedule}`, { type: 'waiting', schedule }),
    take: (limit) => units.take(limit),
    takeScope: () => takeFirst(scopes),
    takeSearch: () => takeFirst(searches),
    putBack(keys) {
      for (const { kind, key } of keys) {
        if (kind !== 'batches') marks.unit(kind, key);
        else marks.batch(readBatchKey(key).session, readBatchKey(key).number);
      }
    },
    count: () => units.size() + scopes.size + searches.size,
  };
  return marks;
}

function takeFirst<T>(marked: Map<string, T>): T | undefined {
  const [first] = marked;
  if (first) marked.delete(first[0]);
  return first?.[1];
}

function scopeName({ kind, session }: Scope): string {
  return session === undefined ? kind : `${kind} ${session}`;
}
