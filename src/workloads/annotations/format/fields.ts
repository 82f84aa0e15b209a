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
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const keys = Object.keys(value).filter((key) => key !== '__proto__');
  keys.sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson((value as Fields)[key])}`).join(',')}}`;
}
