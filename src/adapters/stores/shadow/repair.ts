import { copyKinds, type UnitKey } from '../../../model/replica.ts';
import { copyUnits, withParents } from './copy-units.ts';
import { isSame } from './same.ts';
import { allScopes, type UnitPair, type Way, walkScope } from './walk.ts';

/** What a repair has done. */
export interface Repair {
  /** Units copied: a batch with all that hangs on it is one. */
  readonly copied: number;
  /** Units deleted that only the copy had. */
  readonly deleted: number;
}

/** Copies what differs, and deletes what only the copy has. Hosts may be at work. */
export async function repairStores(way: Way): Promise<Repair> {
  let [copied, deleted] = [0, 0];
  for await (const scope of allScopes(way, copyKinds)) {
    const walk = walkScope(way, scope);
    for (let pairs = await walk.next(); pairs; pairs = await walk.next()) {
      const differing = pairs.filter(isDifferent);
      await copyAll(way, keysOf(differing));
      const gone = differing.filter(({ from }) => from.copy === undefined).length;
      deleted += gone;
      copied += differing.length - gone;
    }
  }
  return { copied, deleted };
}

/** Whether the stores do not agree on a unit. */
export function isDifferent({ from, to }: UnitPair): boolean {
  return !isSame(from.copy, to.copy);
}

function keysOf(pairs: readonly UnitPair[]): readonly UnitKey[] {
  return withParents(pairs.map(({ key }) => key));
}

async function copyAll(way: Way, keys: readonly UnitKey[]): Promise<void> {
  for (let left = keys; left.length > 0; left = withParents(await copyUnits(way, left)));
}
