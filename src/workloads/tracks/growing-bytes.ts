/** Bytes that are written one after another: `length` of them so far, and room for more behind them. */
export interface GrowingBytes {
  bytes: Uint8Array<ArrayBuffer>;
  length: number;
}

/** Nothing yet, with room for some bytes. */
export function createGrowingBytes(room = 0): GrowingBytes {
  return { bytes: new Uint8Array(room), length: 0 };
}

/** Makes room for at least `count` bytes more, and answers where they all are now. */
export function makeRoom(into: GrowingBytes, count: number): Uint8Array<ArrayBuffer> {
  const needed = into.length + count;
  if (needed > into.bytes.length) {
    const wider = new Uint8Array(Math.max(needed, Math.ceil(into.bytes.length * 1.5)));
    wider.set(into.bytes.subarray(0, into.length));
    into.bytes = wider;
  }
  return into.bytes;
}
