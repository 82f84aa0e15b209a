import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { decode, encode, hashOf, joinEncoded, maxDepth, NotEncodableError, type Payload } from '../../src/model/codec.ts';
import type { MillraceError } from '../../src/model/errors.ts';
import { suite } from '../support/suite.ts';

const test = suite('the codec');

/** Like assert.equal, but sees the sign of zero and the kinds of typed arrays. */
function same(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (left instanceof ArrayBuffer && right instanceof ArrayBuffer) return same(new Uint8Array(left), new Uint8Array(right));
  const names = Object.keys(left);
  if (Object.prototype.toString.call(left) !== Object.prototype.toString.call(right)) return false;
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => Object.hasOwn(right, name) && same(Reflect.get(left, name), Reflect.get(right, name)));
}

function refusal(value: unknown): NotEncodableError {
  try {
    encode(value);
  } catch (error) {
    assert.instance(error, NotEncodableError);
    return error as NotEncodableError;
  }
  return assert.unreachable('it was encoded') as never;
}

const text = fc.string({ unit: 'binary' });
const keys = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'toJSON', '0', ''));
const numbers = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(-0), fc.maxSafeInteger());
const binaries = fc.oneof(
  fc.float64Array({ maxLength: 5 }),
  fc.float32Array({ maxLength: 5 }),
  fc.uint8Array({ maxLength: 9 }),
  fc.uint8ClampedArray({ maxLength: 9 }),
  fc.int16Array({ maxLength: 5 }),
  fc.uint32Array({ maxLength: 5 }),
  fc.bigInt64Array({ maxLength: 3 }),
  fc.uint8Array({ maxLength: 9 }).map((bytes) => bytes.slice().buffer),
);

function valuesOf(leaf: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(tie('value'), { maxLength: 5 }),
      fc.array(fc.tuple(keys, tie('value')), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
    ),
  })).value;
}

const jsonValues = valuesOf(fc.oneof(text, numbers, fc.boolean(), fc.constant(null)));
const values = valuesOf(fc.oneof(text, numbers, fc.boolean(), fc.constant(null), binaries));

test('restores every JSON value, as text', () => {
  fc.assert(
    fc.property(jsonValues, (value) => {
      const payload = encode(value);
      return typeof payload === 'string' && same(decode(payload), value);
    }),
  );
});

test('restores values that hold typed arrays and ArrayBuffers', () => {
  fc.assert(fc.property(values, (value) => same(decode(encode(value)), value)));
});

test('restores from bytes at any place in a larger buffer', () => {
  fc.assert(
    fc.property(values, fc.nat({ max: 9 }), (value, shift) => {
      const payload = encode({ value, bytes: new Float64Array([1.5, -0]) }) as Uint8Array;
      const moved = Buffer.alloc(payload.length + shift);
      moved.set(payload, shift);
      return same(decode(moved.subarray(shift)), { value, bytes: new Float64Array([1.5, -0]) });
    }),
  );
});

test('joins encodings into the encoding of their list', () => {
  fc.assert(
    fc.property(fc.array(values, { maxLength: 6 }), (list) => {
      const joined = joinEncoded(list.map((value) => encode(value)));
      return same(decode(joined), list) && same(decode(encode(list)), list);
    }),
  );
});

test('gives the same payload for the same value', () => {
  const bytesOf = (payload: Payload): string => (typeof payload === 'string' ? payload : Buffer.from(payload).toString('hex'));
  fc.assert(fc.property(values, (value) => bytesOf(encode(value)) === bytesOf(encode(decode(encode(value))))));
});

test('writes text that people can read', () => {
  assert.is(encode({ name: 'a', counts: [1, 2.5, null, true] }), '{"name":"a","counts":[1,2.5,null,true]}');
  assert.is(encode([-0, 0]), '[-0,0]');
});

test('keeps lone surrogates, NUL and __proto__, and pollutes nothing', () => {
  const value: unknown = JSON.parse('{"__proto__":{"polluted":true},"\\ud800":"\\u0000"}');
  const restored = decode(encode(value)) as object;
  assert.ok(same(restored, value));
  assert.is(Object.getPrototypeOf(restored), Object.prototype);
  assert.is(({} as { polluted?: boolean }).polluted, undefined);
  const inBytes: unknown = Object.fromEntries([['__proto__', new Uint8Array([1])]]);
  const fromBytes = decode(encode(inBytes)) as object;
  assert.is(Object.getPrototypeOf(fromBytes), Object.prototype);
  assert.ok(same(fromBytes, inBytes));
});

test('gives typed arrays as views on the payload, without a copy', () => {
  const payload = encode({ points: new Float64Array([1, 2, 3]) }) as Uint8Array;
  const { points } = decode(payload) as { points: Float64Array };
  assert.is(points.buffer, payload.buffer);
});

test('takes a Buffer for bytes, and only the part of memory that a view shows', () => {
  const memory = new Uint8Array([0, 1, 2, 3, 4, 5]);
  const restored = decode(encode([Buffer.from('hi'), memory.subarray(2, 4)])) as Uint8Array[];
  assert.equal(restored, [new Uint8Array([104, 105]), new Uint8Array([2, 3])]);
});

class Point {
  x = 1;
}

const circle: { inner: { back?: unknown }[] } = { inner: [{}] };
if (circle.inner[0]) circle.inner[0].back = circle;

const refusals: readonly (readonly [what: string, value: unknown, path: string])[] = [
  ['NaN', { a: [1, Number.NaN] }, '$.a[1]'],
  ['Infinity', Number.POSITIVE_INFINITY, '$'],
  ['minus Infinity', [[Number.NEGATIVE_INFINITY]], '$[0][0]'],
  ['a BigInt', { n: 1n }, '$.n'],
  ['undefined', undefined, '$'],
  ['undefined inside', { a: { b: undefined } }, '$.a.b'],
  ['a function', { 'not a name': () => 1 }, '$["not a name"]'],
  ['a toJSON method', { toJSON: () => 'other' }, '$.toJSON'],
  ['a symbol', [Symbol('s')], '$[0]'],
  ['a symbol key', { a: { [Symbol('s')]: 1 } }, '$.a'],
  ['a hole', { list: new Array(2) }, '$.list[0]'],
  ['a named property of an array', 'abc'.match(/b/), '$.index'],
  ['a Date', { at: new Date(0) }, '$.at'],
  ['a Map', new Map(), '$'],
  ['a Set', [new Set()], '$[0]'],
  ['a class instance', { p: new Point() }, '$.p'],
  ['a boxed number', [Object(1)], '$[0]'],
  ['a DataView', new DataView(new ArrayBuffer(1)), '$'],
  ['shared memory', { m: new SharedArrayBuffer(1) }, '$.m'],
  ['an Error', new Error('e'), '$'],
  ['a promise', [1, Promise.resolve()], '$[1]'],
  ['an array of a subclass', new (class List extends Array {})(), '$'],
  ['a circle', circle, '$.inner[0].back'],
];

for (const [what, value, path] of refusals) {
  test(`refuses ${what}, naming its path`, () => {
    const error = refusal(value);
    assert.is(error.code, 'NOT_ENCODABLE');
    assert.is(error.path, path);
    assert.match(error.message, path);
  });
}

test('names a value as its caller does', () => {
  assert.throws(() => encode({ a: 1n }, 'settings'), /^settings\.a can't be stored: it is a BigInt/);
});

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { v: value };
  return value;
}

test('takes nesting up to its limit, and refuses what is deeper without overflowing the stack', () => {
  assert.ok(same(decode(encode(nested(maxDepth))), nested(maxDepth)));
  for (const depth of [maxDepth + 1, 7_000, 100_000]) {
    assert.match(refusal(nested(depth)).message, /deeper than 1000/);
  }
});

test('refuses what no store could take, before it makes a copy of it', () => {
  const huge = new Uint8Array(999_000_000);
  for (const refuse of [() => encode({ rows: huge }, 'output'), () => encode([huge, huge], 'output')]) {
    assert.throws(
      refuse,
      (error: MillraceError) => error.code === 'NOT_ENCODABLE' && /output.*999000000 bytes/.test(error.message),
    );
  }
});

test('follows no path of a stored value through what objects inherit', () => {
  const places = [
    ['__proto__', 'polluted'],
    ['constructor', 'prototype', 'polluted'],
    ['a', '__proto__', 'polluted'],
    ['absent'],
    ['a', 'absent', 'b'],
  ];
  for (const path of places) {
    const forged = encode({ a: new Uint8Array(3) }) as Uint8Array;
    assert.throws(
      () => decode(withPath(forged, path)),
      (error: MillraceError) => error.code === 'STORE_FAILED',
      path.join(),
    );
    assert.is(({} as { polluted?: unknown }).polluted, undefined);
  }
  const own = Object.fromEntries([['__proto__', new Uint8Array([7])]]);
  assert.equal(
    Reflect.get(Object.getOwnPropertyDescriptor(decode(encode(own)), '__proto__') ?? {}, 'value'),
    new Uint8Array([7]),
  );
});

/** The same bytes with another place for their first typed array. */
function withPath(payload: Uint8Array, path: readonly string[]): Uint8Array {
  const head = new DataView(payload.buffer, payload.byteOffset, 16);
  const [textLength, tableLength] = [head.getUint32(4, true), head.getUint32(8, true)];
  const text = payload.subarray(16, 16 + textLength);
  const table = new TextEncoder().encode(JSON.stringify([['Uint8Array', 3, path]]));
  const contents = payload.subarray(Math.ceil((16 + textLength + tableLength) / 8) * 8);
  const at = Math.ceil((16 + textLength + table.length) / 8) * 8;
  const forged = new Uint8Array(at + contents.length);
  forged.set(payload.subarray(0, 16));
  new DataView(forged.buffer).setUint32(8, table.length, true);
  forged.set(text, 16);
  forged.set(table, 16 + textLength);
  forged.set(contents, at);
  return forged;
}

test('says so when a stored value can not be read', () => {
  const bytes = encode(new Float64Array(4)) as Uint8Array;
  for (const payload of ['{"a":', '', new Uint8Array(3), new Uint8Array(64), bytes.slice(0, -8)]) {
    try {
      decode(payload);
      assert.unreachable('it was read');
    } catch (error) {
      assert.is((error as MillraceError).code, 'STORE_FAILED');
    }
  }
});

test('hashes the same content to the same short text, and other content to another', () => {
  assert.is(hashOf('abc'), hashOf('abc'));
  assert.is(hashOf(new Uint8Array([1, 2])), hashOf(Buffer.from([1, 2])));
  assert.match(hashOf('abc'), /^[0-9a-z]{8,14}$/);
  const hashes = new Set(Array.from({ length: 100_000 }, (_, index) => hashOf(`[${index}]`)));
  assert.is(hashes.size, 100_000);
});

test('hashes texts that differ in one character differently', () => {
  fc.assert(
    fc.property(text, fc.nat(), fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 1 }), (whole, at, other) => {
      const place = whole.length === 0 ? 0 : at % whole.length;
      const changed = whole.slice(0, place) + other + whole.slice(place + 1);
      return changed === whole || hashOf(changed) !== hashOf(whole);
    }),
  );
});

test.run();
