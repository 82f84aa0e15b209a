/** Whether two values from stores are the same: plain data and bytes. A property that is undefined is as good as absent. */
export function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return Object.is(left, right);
  if (left instanceof Uint8Array || right instanceof Uint8Array) return areSameBytes(left, right);
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  return differingFields(left, right).next().done === true;
}

function areSameBytes(left: object, right: object): boolean {
  return left instanceof Uint8Array && right instanceof Uint8Array && Buffer.compare(left, right) === 0;
}

/** The names of the properties in which two objects differ. */
export function* differingFields(left: object, right: object): Generator<string> {
  const [ofLeft, ofRight] = [left as Readonly<Record<string, unknown>>, right as Readonly<Record<string, unknown>>];
  for (const name in left) if (!isSame(ofLeft[name], ofRight[name])) yield name;
  for (const name in right) if (!(name in left) && ofRight[name] !== undefined) yield name;
}
