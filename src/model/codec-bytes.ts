import { writeJson } from './codec-text.ts';

/*
 * Bytes of a value that holds typed arrays:
 *
 *   'MLR1' | length of the text | length of the table | 0      four 32-bit words, little endian
 *   text    JSON of the value, with null where a typed array or ArrayBuffer stands
 *   table   JSON: one row per typed array, [kind, bytes, path], in the order of their contents
 *   contents, each beginning at a multiple of 8
 */

type BinaryRow = readonly [kind: string, bytes: number, path: readonly (string | number)[]];

/** The largest value that is stored, in bytes: SQLite takes a row of 10^9. */
export const maxPayloadBytes = 999_000_000;

const magic = 0x31524c4d;
const headBytes = 16;

interface TypedArrayType {
  readonly BYTES_PER_ELEMENT: number;
  readonly prototype: object;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): object;
}

/** Float16Array is there from Node 24 on. */
const later = (globalThis as { Float16Array?: TypedArrayType }).Float16Array;

const kinds = new Map<string, TypedArrayType>(
  [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
    ...(later ? [later] : []),
  ].map((type) => [(type as unknown as { name: string }).name, type as unknown as TypedArrayType]),
);

const kindOfPrototype = new Map<unknown, string>([
  ...[...kinds].map(([kind, type]): [unknown, string] => [type.prototype, kind]),
  [ArrayBuffer.prototype, 'ArrayBuffer'],
  [Buffer.prototype, 'Uint8Array'],
]);

/** Whether the codec keeps this object as bytes: a typed array, a Buffer (read back as Uint8Array), or an ArrayBuffer. */
export function isBinary(value: object): value is ArrayBuffer | ArrayBufferView {
  return kindOfPrototype.has(Object.getPrototypeOf(value));
}

function isBytesPayload(bytes: Uint8Array): boolean {
  return bytes.byteLength >= headBytes && viewOf(bytes).getUint32(0, true) === magic;
}

/** Encodes a value that was found to hold typed arrays and nothing that is refused. */
export function encodeBytes(value: unknown): Uint8Array {
  const contents: Uint8Array[] = [];
  const text = writeJson(value, (object) => {
    if (!isBinary(object)) return undefined;
    contents.push(bytesOf(object));
    return 'null';
  });
  const rows: BinaryRow[] = [];
  listRows(value, [], rows);
  return assemble(text, rows, contents);
}

/** Joins encodings, texts and bytes, into the encoding of their list. */
export function joinBytes(parts: readonly (string | Uint8Array)[]): Uint8Array {
  const texts: string[] = [];
  const rows: BinaryRow[] = [];
  const contents: Uint8Array[] = [];
  for (const [index, part] of parts.entries()) {
    const opened = typeof part === 'string' ? { text: part, rows: [], contents: [] } : openBytes(part);
    texts.push(opened.text);
    for (const [kind, bytes, path] of opened.rows) rows.push([kind, bytes, [index, ...path]]);
    contents.push(...opened.contents);
  }
  return assemble(`[${texts.join(',')}]`, rows, contents);
}

/** Restores a value from {@link encodeBytes}. */
export function readBytes(payload: Uint8Array): unknown {
  const { text, rows, contents } = openBytes(payload);
  const holder: { root: unknown } = { root: JSON.parse(text) };
  rows.forEach(([kind, , path], index) => {
    let parent: object = holder;
    let key: string | number = 'root';
    for (const step of path) {
      parent = ownMember(parent, key);
      key = step;
    }
    ownMember(parent, key);
    // Defined, not assigned: a key may be `__proto__`.
    const value = restore(kind, contents[index] as Uint8Array);
    Object.defineProperty(parent, key, { value, writable: true, enumerable: true, configurable: true });
  });
  return holder.root;
}

/** A row from a store may say anything: followed through what an object inherits, it would change every object of the host. */
function ownMember(parent: object, key: string | number): object {
  if (Object.hasOwn(parent, key)) return (parent as Record<string | number, object>)[key] as object;
  throw new Error(`the value has no place ${JSON.stringify(key)}`);
}

function listRows(value: unknown, path: readonly (string | number)[], rows: BinaryRow[]): void {
  if (typeof value !== 'object' || value === null) return;
  const kind = kindOfPrototype.get(Object.getPrototypeOf(value));
  if (kind !== undefined) {
    rows.push([kind, (value as ArrayBuffer).byteLength, path]);
    return;
  }
  const members: Iterable<[string | number, unknown]> = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [key, item] of members) listRows(item, [...path, key], rows);
}

function bytesOf(value: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function aligned(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}

function assemble(text: string, rows: readonly BinaryRow[], contents: readonly Uint8Array[]): Uint8Array {
  const textBytes = new TextEncoder().encode(text);
  const tableBytes = new TextEncoder().encode(JSON.stringify(rows));
  let offset = aligned(headBytes + textBytes.length + tableBytes.length);
  const size = contents.reduce((total, content) => total + aligned(content.length), offset);
  if (size > maxPayloadBytes) throw new RangeError(`${size} bytes are too many`);
  const payload = new Uint8Array(size);
  const head = viewOf(payload);
  head.setUint32(0, magic, true);
  head.setUint32(4, textBytes.length, true);
  head.setUint32(8, tableBytes.length, true);
  payload.set(textBytes, headBytes);
  payload.set(tableBytes, headBytes + textBytes.length);
  for (const content of contents) {
    payload.set(content, offset);
    offset += aligned(content.length);
  }
  return payload;
}

interface OpenedBytes {
  readonly text: string;
  readonly rows: readonly BinaryRow[];
  readonly contents: readonly Uint8Array[];
}

function openBytes(payload: Uint8Array): OpenedBytes {
  if (!isBytesPayload(payload)) throw new Error('these bytes do not begin as an encoded value does');
  const head = viewOf(payload);
  const textEnd = headBytes + head.getUint32(4, true);
  const tableEnd = textEnd + head.getUint32(8, true);
  const text = new TextDecoder().decode(payload.subarray(headBytes, textEnd));
  const rows = JSON.parse(new TextDecoder().decode(payload.subarray(textEnd, tableEnd))) as readonly BinaryRow[];
  let offset = aligned(tableEnd);
  const contents = rows.map(([, bytes]) => {
    const content = payload.subarray(offset, offset + bytes);
    if (content.length !== bytes) throw new Error(`${bytes} bytes were expected at ${offset}, ${content.length} are there`);
    offset += aligned(bytes);
    return content;
  });
  return { text, rows, contents };
}

function restore(kind: string, content: Uint8Array): object {
  if (kind === 'ArrayBuffer') return new Uint8Array(content).buffer;
  const type = kinds.get(kind);
  if (!type) throw new Error(`this version of Node has no ${kind}`);
  const fits = content.byteOffset % type.BYTES_PER_ELEMENT === 0;
  const bytes = fits ? content : new Uint8Array(content);
  return new type(bytes.buffer, bytes.byteOffset, bytes.byteLength / type.BYTES_PER_ELEMENT);
}
