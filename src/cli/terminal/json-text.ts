/** A value that passed the codec as JSON text: typed arrays and buffers as lists of numbers (big ones as texts), `undefined` as null. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value === undefined ? null : value, plain, 2);
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof ArrayBuffer) return [...new Uint8Array(value)];
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return [...(value as Uint8Array)];
  return value;
}
