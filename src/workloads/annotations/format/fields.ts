/** Fields of an object that came as JSON. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value says anything: it is not null, false, blank or empty. */
export function isPresent(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  if (typeof value === 'string') return value.trim() !== '';
  if (typeof value === 'object') return Object.keys(value).length > 0;
  return true;
}

/** The fields of an object, without one that could pass for its prototype; undefined for anything else. */
export function plainFields(value: unknown): Fields | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  if (!Object.hasOwn(value, '__proto__')) return value as Fields;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== '__proto__'));
}

/** The ids that annotations bring along, whatever else is wrong with them. */
export function idsIn(lists: readonly unknown[]): Set<string> {
  const ids = new Set<string>();
  for (const list of lists) {
    if (!Array.isArray(list)) continue;
    for (const one of list as unknown[]) {
      const id = plainFields(one)?.id;
      if (isPresent(id)) ids.add(String(id));
    }
  }
  return ids;
}

/** JSON without white space, the keys of every object sorted by their code units: the same fields give the same text. */
export function canonicalJson(value: unknown): string {
  const sorted = withSortedKeys(value);
  // Written in one go where that is possible: text put together from parts takes two and a half times as long.
  return sorted === unsortable ? joinedJson(value) : JSON.stringify(sorted);
}

const unsortable = Symbol('an object has keys that look like numbers');

/** A copy whose objects have their keys in order. JavaScript puts keys that look like numbers before all others, by their values. */
function withSortedKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const list = value.map(withSortedKeys);
    return list.includes(unsortable) ? unsortable : list;
  }
  const sorted: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) {
    if (key === '__proto__') continue;
    const field = withSortedKeys((value as Fields)[key]);
    if (field === unsortable || /^\d/.test(key)) return unsortable;
    sorted[key] = field;
  }
  return sorted;
}

function joinedJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(joinedJson).join(',')}]`;
  const keys = Object.keys(value).filter((key) => key !== '__proto__');
  keys.sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${joinedJson((value as Fields)[key])}`).join(',')}}`;
}
