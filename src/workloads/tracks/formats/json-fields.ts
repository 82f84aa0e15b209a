/** A field of what may be an object; undefined of anything else. */
export function fieldOf(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

/** The first of some fields that is there. */
export function firstOf(value: unknown, keys: readonly string[]): unknown {
  for (const key of keys) {
    const field = fieldOf(value, key);
    if (field !== undefined && field !== null && field !== '') return field;
  }
  return undefined;
}

/** The elements of what may be an array; none of anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Whole ten-millionths of a degree as degrees: anything else stays what it is, and is counted as what it is not. */
export function fromE7(value: unknown): unknown {
  return typeof value === 'number' ? value / 1e7 : typeof value === 'string' && value !== '' ? Number(value) / 1e7 : value;
}
