/**
 * JSON text that keeps `-0`, which `JSON.stringify` writes as `0`; `JSON.parse` restores it.
 * Slower than `JSON.stringify`, so only for values that were found to need it, and checked before.
 *
 * @param replace - May give the text for a value in place of its own.
 */
export function writeJson(value: unknown, replace?: (value: object) => string | undefined): string {
  if (Object.is(value, -0)) return '-0';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const replaced = replace?.(value);
  if (replaced !== undefined) return replaced;
  if (Array.isArray(value)) return `[${value.map((item) => writeJson(item, replace)).join(',')}]`;
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${writeJson(item, replace)}`);
  return `{${members.join(',')}}`;
}
