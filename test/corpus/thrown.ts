import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { PermanentError, RetryError } from '../../src/model/errors.ts';
import { encodable, hostileProxy, type OddValue, refused } from './values.ts';

const entries = (values: Readonly<Record<string, () => unknown>>): OddValue[] =>
  Object.entries(values).map(([name, make]) => ({ name, make }));

const refuse = (): never => {
  throw new Error('a trap');
};

function chain(length: number): Error {
  let error = new Error('the first');
  for (let index = 0; index < length; index++) error = new Error(`because ${index}`, { cause: error });
  return error;
}

function withProperty(property: string, descriptor: PropertyDescriptor): Error {
  return Object.defineProperty(new Error('odd'), property, { configurable: true, enumerable: true, ...descriptor });
}

function overflow(): number {
  return overflow() + 1;
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (thrown) {
    return thrown;
  }
  return 'nothing was thrown';
}

const properties = ['name', 'message', 'stack', 'cause', 'code', 'after', 'errors', 'toString', 'constructor', 'then'];

/** Whatever code may throw. The values of the corpus, too: anything can be thrown. */
export const thrown: readonly OddValue[] = [
  ...entries({
    undefined: () => undefined,
    Error: () => new Error('plain'),
    'Error without a message': () => new Error(),
    PermanentError: () => new PermanentError('for good'),
    AggregateError: () => new AggregateError([new Error('one'), 'two', null], 'several'),
    DOMException: () => new DOMException('stopped', 'AbortError'),
    'an error of another realm': () => runInNewContext('new TypeError("foreign")'),
    'an error of the system': () => thrownBy(() => process.chdir('/not/there')),
    'stack overflow': () => thrownBy(overflow),
    SyntaxError: () => thrownBy(() => JSON.parse('{')),
    'a frozen error': () => Object.freeze(new Error('frozen')),
    'its own cause': () => {
      const error = new Error('circle');
      return Object.assign(error, { cause: error });
    },
    '1,000 causes': () => chain(1_000),
    'a cause that is a hostile proxy': () => new Error('odd', { cause: hostileProxy() }),
    'a hostile proxy of an error': () => hostileProxy(new Error('inner')),
    'a message of a megabyte': () => new Error('m'.repeat(1_000_000)),
    'a message with control characters': () => new Error('\0\u001b[2J\ud800\u202e\n\r'),
    'a message that looks like a template': () => new Error('%s %o {{x}} $(x)'),
    'a stack of a megabyte': () => Object.assign(new Error('odd'), { stack: 's'.repeat(1_000_000) }),
    '1,000 properties': () =>
      Object.assign(new Error('odd'), Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`p${i}`, i]))),
    'properties of every kind': () =>
      Object.assign(new Error('odd'), { a: Number.NaN, b: 1n, c: Symbol('c'), d: () => 1, e: { f: 1 }, g: null }),
    'own __proto__': () => Object.defineProperty(new Error('odd'), '__proto__', { value: 'x', enumerable: true }),
    'no prototype': () => Object.setPrototypeOf(new Error('odd'), null),
    'inspection that throws': () => ({ [inspect.custom]: refuse }),
    'conversion that throws': () => ({ toString: refuse, valueOf: refuse, [Symbol.toPrimitive]: refuse }),
    'a class': () => class Thrown {},
    'names that mean something here': () =>
      Object.assign(new Error('odd'), { name: 'LimitPassedError', category: 'oom', retryAfterMs: -1 }),
    'a category of the host': () => Object.assign(new Error('odd'), { category: 'host-death', code: 'NOT_ENCODABLE' }),
    'a message of a secret': () => new Error('postgres://u:hunter2@h'),
  }),
  ...['never', '-1s', '1e9d', Number.NaN, Number.POSITIVE_INFINITY, -1, {}, 1n, null].map(
    (after): OddValue => ({
      name: `RetryError after ${String(after)}`,
      make: () => new RetryError('again', { after: after as never }),
    }),
  ),
  ...properties.flatMap((property) => [
    { name: `${property} that throws when it is read`, make: () => withProperty(property, { get: refuse }) },
    { name: `${property} that is a symbol`, make: () => withProperty(property, { value: Symbol('odd') }) },
    { name: `${property} that is a hostile proxy`, make: () => withProperty(property, { value: hostileProxy() }) },
    { name: `${property} that is a bigint`, make: () => withProperty(property, { value: 10n ** 30n }) },
  ]),
  ...[...encodable, ...refused]
    .filter(({ name }) => !name.includes('more than stores'))
    .map(({ name, make }) => ({ name: `the value ${name}`, make })),
];
