import { parentOf, type UnitKey } from '../../../model/replica.ts';
import { isSame } from './same.ts';
import { pageBytes, type Way } from './walk.ts';

/** How often units are copied again at once, when others change them meanwhile. */
const looks = 3;

/**
 * Copies units as they are now. Answers which are left for another time.
 *
 * Where several hosts copy, one may be overtaken between its read and its write, and put an older row over a newer one. So each looks
 * again after its write, and copies again what has changed. Whoever writes a unit last has then seen, after this write, that it is what
 * the first store holds; and who changes it later copies it later. No row needs a version for it.
 */
export async function copyUnits({ from, to, isShared }: Way, keys: readonly UnitKey[]): Promise<readonly UnitKey[]> {
  let reading = await from.read(keys, pageBytes);
  const left: UnitKey[] = keys.slice(reading.units.length);
  for (let look = 0; ; look++) {
    await to.write(reading);
    if (!isShared) return left;
    const { at, units } = await from.read(reading.units, pageBytes);
    const before = reading.units;
    const unseen = before.slice(units.length);
    const changed = units.filter((unit, index) => !isSame(unit, before[index]));
    left.push(...unseen);
    if (changed.length === 0) return left;
    if (look === looks) return [...left, ...changed];
    reading = { at, units: changed };
  }
}

/** What units hang on, before them: the copy may lack it. Each is there once. */
export function withParents(keys: readonly UnitKey[]): readonly UnitKey[] {
  const all = new Map<string, UnitKey>();
  const add = (key: UnitKey): void => {
    const name = `${key.kind} ${key.key}`;
    if (all.has(name)) return;
    const parent = parentOf(key);
    if (parent) add(parent);
    all.set(name, key);
  };
  for (const key of keys) add(key);
  return [...all.values()];
}
