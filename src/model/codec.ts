import { encodeBytes, isBinary, joinBytes, maxPayloadBytes, readBytes } from './codec-bytes.ts';
import { explainRefusal } from './codec-refusal.ts';
import { writeJson } from './codec-text.ts';
import { MillraceError } from './errors.ts';

/**
 * A value as a store keeps it: JSON text, or bytes when it holds typed arrays.
 *
 * Bytes never change once they are handed over, neither by the one who gave them nor by the one who got them: a store may keep the
 * very bytes that it was given and give out the very bytes that it keeps, and {@link decode} makes views on them. Outputs are
 * large: a copy at each hand cost a quarter of the time that a host had for a session.
 */
export type Payload = string | Uint8Array;

/** Deepest nesting that the codec takes. `JSON.stringify` itself overflows the stack at some thousands. */
export const maxDepth = 1_000;

/** A value that could not be restored from a store. `path` says where it is, such as `$.rows[3].at`. */
export class NotEncodableError extends MillraceError {
  readonly path: string;

  constructor(path: string, reason: string) {
    super(
      'NOT_ENCODABLE',
      `${path} can't be stored: ${reason}. Use null, booleans, finite numbers, strings, arrays, plain objects, typed arrays or ArrayBuffers.`,
    );
    this.path = path;
  }
}

/** What one walk over a value finds out: bits that add up. */
const plain = 0;
const minusZero = 1;
const binary = 2;
const refused = 4;

/**
 * Encodes a value: to JSON text, or to bytes when it holds typed arrays or ArrayBuffers.
 *
 * What {@link decode} could not restore is refused: NaN and infinities, BigInt, undefined, functions, symbols, class instances
 * (also Date, Map, Set), holes and named properties of arrays, circular references, nesting deeper than 1,000, more than 999 MB.
 *
 * @param where - Name of the value in the error's path. @default '$'
 * @throws NotEncodableError with the path of the first value that is refused.
 */
export function encode(value: unknown, where = '$'): Payload {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  const found = inspect(value, 1);
  if (found >= refused) throw refusalOf(value, where);
  return fitting(where, () =>
    found === plain ? JSON.stringify(value) : found >= binary ? encodeBytes(value) : writeJson(value),
  );
}

/** What is too long for a store, or for a string of JavaScript at all, is refused here: no store could ever take it. */
function fitting(where: string, make: () => Payload): Payload {
  try {
    const payload = make();
    // Three bytes are the most that a unit of text takes in UTF-8.
    const size =
      typeof payload === 'string' && payload.length > maxPayloadBytes / 3 ? Buffer.byteLength(payload) : payload.length;
    if (size <= maxPayloadBytes) return payload;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new NotEncodableError(where, `it takes more than ${maxPayloadBytes} bytes`);
}

/** The encoding of the list whose items have these encodings, made without decoding them. */
export function joinEncoded(parts: readonly Payload[]): Payload {
  return fitting('$', () => (parts.every((part) => typeof part === 'string') ? `[${parts.join(',')}]` : joinBytes(parts)));
}

/** The payload in bytes of its own: for readers who may change what is decoded from it, such as the caller who gets a result. */
export function copyPayload(payload: Payload): Payload {
  // A Buffer's slice() is a view on the same memory, so the copy is made by the constructor.
  return payload instanceof Uint8Array ? new Uint8Array(payload) : payload;
}

/**
 * Restores a value. Typed arrays are views on the payload's own memory where their alignment allows it: no copy.
 *
 * @throws MillraceError `STORE_FAILED` when the payload was not made by {@link encode}.
 */
export function decode(payload: Payload): unknown {
  try {
    return typeof payload === 'string' ? JSON.parse(payload) : readBytes(payload);
  } catch (cause) {
    throw new MillraceError('STORE_FAILED', `A stored value can't be read: ${(cause as Error).message}`, { cause });
  }
}

/** One walk: says whether JSON can hold the value as it is. Answers at the first refusal, so a circle ends at the depth limit. */
function inspect(value: unknown, depth: number): number {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return plain;
    case 'number':
      if (value === 0) return Object.is(value, -0) ? minusZero : plain;
      return Number.isFinite(value) ? plain : refused;
    case 'object':
      if (value === null) return plain;
      if (depth > maxDepth) return refused;
      return Array.isArray(value) ? inspectArray(value, depth) : inspectObject(value, depth);
    default:
      return refused;
  }
}

function inspectArray(array: readonly unknown[], depth: number): number {
  if (Object.getPrototypeOf(array) !== Array.prototype) return refused;
  let found = plain;
  for (let index = 0; index < array.length; index++) {
    found |= inspect(array[index], depth + 1);
    if (found >= refused) return refused;
  }
  // A hole reads as undefined and was refused above, so more keys than items are named properties: JSON would drop them.
  return Object.keys(array).length === array.length ? found : refused;
}

function inspectObject(object: object, depth: number): number {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) return isBinary(object) ? binary : refused;
  let found = plain;
  for (const key of Object.keys(object)) {
    found |= inspect((object as Record<string, unknown>)[key], depth + 1);
    if (found >= refused) return refused;
  }
  return Object.getOwnPropertySymbols(object).length === 0 ? found : refused;
}

function refusalOf(value: unknown, where: string): NotEncodableError {
  const { path, reason } = explainRefusal(value, where, maxDepth);
  return new NotEncodableError(path, reason);
}

/**
 * A hash as short text: the same content gives the same text on every machine. 60 bits, not cryptographic:
 * it finds changes that happen by accident, not those that someone makes on purpose.
 */
export function hashOf(content: Payload): string {
  let left = 0x9e3779b1 ^ content.length;
  let right = 0x85ebca77 ^ content.length;
  const text = typeof content === 'string';
  for (let index = 0; index < content.length; index++) {
    const unit = text ? content.charCodeAt(index) : (content[index] as number);
    left = Math.imul(left ^ unit, 0x9e3779b1);
    right = Math.imul(right ^ unit, 0x5f356495);
    left = (left << 13) | (left >>> 19);
    right ^= right >>> 15;
  }
  left = scramble(left ^ right);
  right = scramble(right ^ (left >>> 3));
  return sixDigits(left) + sixDigits(right);
}

/** Base 32, written by code units: `toString(36)` takes four times as long, and every chunk is hashed. */
function sixDigits(bits: number): string {
  return String.fromCharCode(
    digit(bits),
    digit(bits >>> 5),
    digit(bits >>> 10),
    digit(bits >>> 15),
    digit(bits >>> 20),
    digit(bits >>> 25),
  );
}

/** The lowest five bits as `0`-`9`, `a`-`v`. */
function digit(bits: number): number {
  const value = bits & 31;
  return value < 10 ? 48 + value : 87 + value;
}

/** Spreads every input bit over all 32 output bits. */
function scramble(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
