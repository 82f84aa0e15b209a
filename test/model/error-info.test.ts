import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { errorInfo } from '../../src/model/error-info.ts';
import { InvalidOptionError, PermanentError, RetryError } from '../../src/model/errors.ts';
import { suite } from '../support/suite.ts';

const test = suite('errorInfo');

test('keeps name, message, stack and own code of an error', () => {
  const info = errorInfo(Object.assign(new TypeError('wrong'), { code: 'E_WRONG' }));
  assert.equal([info.name, info.message, info.code, info.category], ['TypeError', 'wrong', 'E_WRONG', 'error']);
  assert.match(info.stack ?? '', 'error-info.test');
});

test('keeps own plain properties as details, those of causes too', () => {
  const cause = Object.assign(new Error('below'), { errno: -111 });
  const own = { status: 503, url: '/a', retried: false, hint: null, headers: {}, at: new Date(0), big: 1n, wrong: Number.NaN };
  const info = errorInfo(Object.assign(new Error('x', { cause }), own, { code: 'EBAD', name: 'Mine' }));
  assert.equal(info.details, { status: 503, url: '/a', retried: false, hint: null });
  assert.equal(info.cause?.details, { errno: -111 });
  assert.equal([info.name, info.code], ['Mine', 'EBAD']);
  assert.equal(errorInfo({ status: 503 }).details, { status: 503 });
});

test('has no details where there are none', () => {
  for (const thrown of [new Error('x'), new RetryError('later', { after: 5 }), ['a'], new Uint8Array(3), 'text'])
    assert.not('details' in errorInfo(thrown));
});

test('keeps 20 details at most, cuts their texts to 1 KiB, and passes over getters that throw', () => {
  const many = Object.fromEntries([...Array(30).keys()].map((key) => [`k${key}`, 'x'.repeat(5_000)]));
  const { details = {} } = errorInfo(Object.assign(new Error('x'), many));
  assert.equal(Object.keys(details), Object.keys(many).slice(0, 20));
  for (const text of Object.values(details)) assert.is(String(text).length, 1_024);
  const hostile = Object.defineProperty(Object.assign(new Error('x')), 'status', {
    enumerable: true,
    get: () => assert.unreachable(),
  });
  assert.equal(errorInfo(Object.assign(hostile, { fine: 1 })).details, { fine: 1 });
});

test('takes no prototype from a thrown object', () => {
  const info = errorInfo(JSON.parse('{"__proto__":{"status":1},"constructor":2,"a":3}'));
  assert.equal(info.details, { constructor: 2, a: 3 });
  assert.is(errorInfo(JSON.parse('{"__proto__":1}')).details, undefined);
});

test('leaves out a code that is inherited', () => {
  assert.is(errorInfo(AbortSignal.abort().reason).code, undefined);
});

test('says what was thrown when it is no error', () => {
  const messages = [null, undefined, 7, 'text', Symbol('s'), 1n, { a: 1 }, () => 1].map((thrown) => errorInfo(thrown).message);
  assert.equal(messages.slice(0, 7), [
    'Thrown: null',
    'Thrown: undefined',
    'Thrown: 7',
    "Thrown: 'text'",
    'Thrown: Symbol(s)',
    'Thrown: 1n',
    'Thrown: { a: 1 }',
  ]);
});

test('tells permanent errors, also from another copy of the package', () => {
  class Foreign extends Error {
    override readonly name = 'PermanentError';
  }
  assert.is(errorInfo(new PermanentError('no')).category, 'permanent');
  assert.is(errorInfo(new Foreign('no')).category, 'permanent');
});

test('tells values that cannot be stored by their code', () => {
  assert.is(errorInfo(Object.assign(new Error('no'), { code: 'NOT_ENCODABLE' })).category, 'unserializable');
});

test('reads how long to wait from RetryError, and ignores a wait that makes no sense', () => {
  assert.is(errorInfo(new RetryError('later', { after: '1.5s' })).retryAfterMs, 1_500);
  assert.is(errorInfo(new RetryError('later')).retryAfterMs, undefined);
  assert.is(errorInfo(Object.assign(new RetryError('later'), { after: 'soon' })).retryAfterMs, undefined);
});

test('takes the category it is given', () => {
  assert.is(errorInfo(new PermanentError('no'), 'timeout').category, 'timeout');
  assert.is(errorInfo(new InvalidOptionError('a', 1, 'b'), 'module').code, 'INVALID_OPTION');
});

test('follows causes five deep, and ends on a circle', () => {
  const circular = new Error('circle');
  circular.cause = circular;
  let depth = 0;
  for (let info = errorInfo(circular).cause; info; info = info.cause) depth++;
  assert.is(depth, 5);
});

test('cuts messages to 8 KiB and stacks to 16 KiB, never through a character', () => {
  const info = errorInfo(new Error('😀'.repeat(1024 * 1024)));
  assert.ok(info.message.length <= 8 * 1024);
  assert.ok((info.stack?.length ?? 0) <= 16 * 1024);
  assert.is(Buffer.from(info.message).toString(), info.message);
});

test('reads what it can of an error whose getters throw', () => {
  const hostile = new Error('fine');
  Object.defineProperty(hostile, 'stack', { get: () => assert.unreachable() });
  Object.defineProperty(hostile, 'cause', { get: () => assert.unreachable() });
  const info = errorInfo(Object.freeze(hostile));
  assert.equal([info.message, info.stack, info.cause], ['fine', undefined, undefined]);
});

function assertPlain(thrown: unknown): void {
  const info = errorInfo(thrown);
  assert.equal(structuredClone(info), info);
  assert.equal(JSON.parse(JSON.stringify(info)), info);
  assert.type(info.message, 'string');
}

test('gives plain data, whatever is thrown', () => {
  fc.assert(fc.property(fc.anything({ withBigInt: true, withNullPrototype: true, withMap: true }), assertPlain), {
    numRuns: 500,
  });
});

test('gives plain data of objects that trap every access', () => {
  const trap = (): never => {
    throw new Error('trapped');
  };
  const traps = { get: trap, has: trap, ownKeys: trap, getOwnPropertyDescriptor: trap, getPrototypeOf: trap };
  assertPlain(new Proxy({}, traps));
  assertPlain(new Proxy(() => 1, traps));
  assertPlain(new Proxy(new Error('inside'), traps));
  assertPlain({ name: Symbol('n'), message: { toString: trap }, cause: new Proxy({}, traps) });
  assertPlain({ toString: trap, [Symbol.toPrimitive]: trap, toJSON: trap });
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  assertPlain(revoked.proxy);
});

test.run();
