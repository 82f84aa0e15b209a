import { runInNewContext } from 'node:vm';

/** A value as some code may give it. Made anew for each use: some of them change when they are looked at. */
export interface OddValue {
  readonly name: string;
  make(): unknown;
}

class Point {
  x = 1;
}

class Rows extends Array<number> {}

function nested(depth: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { value };
  return value;
}

function circular(): unknown {
  const value: Record<string, unknown> = { list: [] };
  (value.list as unknown[]).push({ back: value });
  return value;
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const refuse = (): never => {
  throw new Error('a trap');
};

/** Throws whatever is asked of it. */
export function hostileProxy(target: object = {}): unknown {
  const traps = Object.getOwnPropertyNames(Reflect).map((trap) => [trap, refuse]);
  return new Proxy(target, Object.fromEntries(traps));
}

function own(json: string): unknown {
  return JSON.parse(json);
}

const entries = (values: Readonly<Record<string, () => unknown>>): OddValue[] =>
  Object.entries(values).map(([name, make]) => ({ name, make }));

const strings = Object.entries({
  empty: '',
  NUL: 'a\0b\0',
  'lone high surrogate': 'a\ud800',
  'lone low surrogate': '\udc00b',
  'surrogates in the wrong order': '\udc00\ud800',
  'right to left': '\u202e\u0645\u0631\u062d\u0628\u0627\u202c',
  'escape sequences': '\u001b[2J\u0007\u009b',
  'byte order mark': '\ufefftext',
  'line separators': 'a\u2028b\u2029c\r\nd',
  'the mark of escaped texts': '\u0001"x"',
  'combining marks': `e${'\u0301'.repeat(1_000)}`,
  'not a character': '\uffff\ufffe',
  quotes: '\'"`\\',
  SQL: "'; drop table sessions; --",
  __proto__: '__proto__',
  'a megabyte': 'x'.repeat(1_000_000),
  JSON: '{"a":1}',
  'a template': '{{x}} $(x) `x` <script>alert(1)</script> %s %n',
  'a date': '2025-02-30T25:61:61Z',
}).map(([name, text]): OddValue => ({ name: `text: ${name}`, make: () => text }));

const typedArrays = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
].flatMap((type) => [
  { name: type.name, make: () => new type([1, 2, 3]) },
  { name: `empty ${type.name}`, make: () => new type(0) },
  { name: `${type.name} in the middle of a buffer`, make: () => new type(new ArrayBuffer(64), 16, 2) },
]);

/** What the codec takes, and gives back as the same. */
export const encodable: readonly OddValue[] = [
  ...strings,
  ...typedArrays,
  ...entries({
    null: () => null,
    true: () => true,
    'minus zero': () => -0,
    'minus zero inside': () => [{ zero: -0 }],
    'largest safe integer': () => Number.MAX_SAFE_INTEGER,
    'largest number': () => Number.MAX_VALUE,
    'smallest number': () => Number.MIN_VALUE,
    'an unsafe integer': () => 2 ** 60 + 1,
    'empty array': () => [],
    'empty object': () => ({}),
    'object without a prototype': () => Object.assign(Object.create(null), { a: 1 }),
    'frozen object': () => Object.freeze({ list: Object.freeze([1]) }),
    'own __proto__': () => own('{"__proto__":{"polluted":1},"a":{"__proto__":null}}'),
    'own constructor and prototype': () => own('{"constructor":{"prototype":{"polluted":1}},"hasOwnProperty":1,"toString":2}'),
    'own toJSON that is no function': () => ({ toJSON: 'text' }),
    'own then that is no function': () => own('{"then":"text"}'),
    'keys like numbers': () => ({ 10: 'a', 9: 'b', '-1': 'c', '01': 'd', '4294967295': 'e' }),
    'keys without letters': () => ({ '': 1, ' ': 2, '\0': 3, '\ud800': 4, '\n': 5 }),
    '10,000 keys': () => Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key${index}`, index])),
    '10,000 items': () => Array.from({ length: 10_000 }, (_, index) => index),
    'nested 900 deep': () => nested(900),
    'the same object twice': () => {
      const shared = { a: 1 };
      return [shared, shared];
    },
    'a getter': () => ({
      get value() {
        return 1;
      },
    }),
    BigInt64Array: () => new BigInt64Array([-1n, 2n ** 62n]),
    BigUint64Array: () => new BigUint64Array([2n ** 64n - 1n]),
    'Float64Array of what is no number': () => new Float64Array([Number.NaN, -0, Number.POSITIVE_INFINITY]),
    ArrayBuffer: () => new Uint8Array([1, 2]).buffer,
    'a Buffer of the pool': () => Buffer.from('pooled'),
    'typed arrays below __proto__': () => Object.fromEntries([['__proto__', { bytes: new Uint8Array([1]) }]]),
    'typed arrays and text that looks like their table': () => ({ a: new Uint8Array(3), b: '[["Uint8Array",3,["a"]]]' }),
    'an object of a harmless proxy': () => new Proxy({ a: 1 }, {}),
  }),
];

/** What the codec refuses: a store would give it back as something else. */
export const refused: readonly OddValue[] = entries({
  arguments: (...args: unknown[]) => {
    void args;
    return (function (this: void, ..._: number[]) {
      // biome-ignore lint/complexity/noArguments: it is what is tried
      return arguments;
    })(1, 2);
  },
  NaN: () => Number.NaN,
  infinity: () => Number.POSITIVE_INFINITY,
  'minus infinity inside': () => ({ a: [Number.NEGATIVE_INFINITY] }),
  bigint: () => 1n,
  'huge bigint': () => 10n ** 5_000n,
  symbol: () => Symbol('s'),
  'registered symbol inside': () => [Symbol.for('s')],
  function: () => () => 1,
  method: () => ({ run() {} }),
  toJSON: () => ({ toJSON: () => 'other' }),
  'undefined inside': () => ({ a: undefined }),
  'undefined in a list': () => [1, undefined],
  hole: () => Object.assign(new Array(3), { 0: 1, 2: 2 }),
  'array of holes': () => new Array(5),
  'array with a name': () => Object.assign([1], { name: 'x' }),
  'array with a negative index': () => Object.assign([1], { '-1': 0 }),
  'subclass of Array': () => Rows.from([1]),
  'class instance': () => new Point(),
  'object of another realm': () => runInNewContext('({ a: 1 })'),
  Date: () => new Date(0),
  'invalid Date': () => new Date(Number.NaN),
  'Date beyond the range': () => new Date(8.64e15 + 1),
  Map: () => new Map([[1, 2]]),
  Set: () => new Set([1]),
  WeakMap: () => new WeakMap(),
  RegExp: () => /x/g,
  Error: () => new Error('value'),
  URL: () => new URL('http://h/'),
  'boxed number': () => Object(1),
  'boxed text': () => Object('x'),
  'boxed bigint': () => Object(1n),
  DataView: () => new DataView(new ArrayBuffer(8)),
  SharedArrayBuffer: () => new SharedArrayBuffer(8),
  'subclass of Uint8Array': () => new (class extends Uint8Array {})(2),
  generator: () => (function* () {})(),
  'promise inside': () => ({ later: Promise.resolve(1) }),
  'symbol key': () => ({ a: 1, [Symbol('k')]: 2 }),
  'inherited members': () => Object.create({ inherited: 1 }),
  'inherits from an array': () => Object.create([]),
  circular: circular,
  'nested 7,000 deep': () => nested(7_000),
  'nested 30,000 deep': () => nested(30_000),
  'a getter that throws': () => Object.defineProperty({}, 'value', { enumerable: true, get: refuse }),
  'a proxy that throws': () => hostileProxy(),
  'a proxy of an array that throws': () => hostileProxy([]),
  'a revoked proxy': revoked,
  'a proxy without an end': () => {
    const endless: object = new Proxy(
      {},
      { get: () => endless, ownKeys: () => ['a'], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) },
    );
    return endless;
  },
  globalThis: () => globalThis,
  process: () => process,
  'a module': () => import.meta,
  'more than stores take': () => new Uint8Array(999_000_001),
});
