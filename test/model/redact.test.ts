import * as assert from 'uvu/assert';
import { errorInfo } from '../../src/model/error-info.ts';
import { isSecretName, redact, redactingLogger, redactValue } from '../../src/model/redact.ts';
import { recordingLogger } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';

const test = suite('masks of secrets');

const masked: readonly (readonly [text: string, shown: string])[] = [
  ['postgres://app:hunter2@db:5432/x is gone', 'postgres://app:***@db:5432/x is gone'],
  ['redis://:hunter2@cache', 'redis://:***@cache'],
  ['amqp://u:p@ss@host', 'amqp://u:***@host'],
  ['password=hunter2', 'password=***'],
  ['?user=me&api_key=hunter2&page=2', '?user=me&api_key=***&page=2'],
  ['{"dbPassword":"hunter2 and more","user":"me"}', '{"dbPassword":"***","user":"me"}'],
  ["secret: 'hunter2'", "secret: '***'"],
  ['MYSQL_PWD=hunter2', 'MYSQL_PWD=***'],
  ['Authorization: Bearer hunter2hunter2', 'Authorization: Bearer ***'],
  ['authorization: Basic dXNlcjpwYXNz', 'authorization: Basic ***'],
  ['sent Bearer eyJhbGciOiJIUzI1NiJ9.e30.x and failed', 'sent Bearer *** and failed'],
];

for (const [text, shown] of masked) test(`are put into: ${text}`, () => assert.is(redact(text), shown));

const kept = [
  'file:///app/dist/index.js:10:5',
  'https://host:8080/path@2x.png',
  'tokens: 500, key: 4',
  'a bearer certificate was lost',
  'Unexpected token } in JSON at position 4',
  'nothing of that kind',
  '',
];

for (const text of kept) test(`leave alone: ${text || 'the empty text'}`, () => assert.is(redact(text), text));

test('cover texts under names of secrets, at any place in a value, and no numbers', () => {
  const value = { token: 'hunter2', tokens: 500, list: [{ apiKey: 'hunter2', note: 'password=hunter2' }], at: new Date(0) };
  assert.equal(redactValue(value), {
    token: '***',
    tokens: 500,
    list: [{ apiKey: '***', note: 'password=***' }],
    at: new Date(0),
  });
  assert.is(value.token, 'hunter2');
  assert.ok(['clientSecret', 'X-Api-Key', 'accessKey', 'db.password'].every(isSecretName));
  assert.not.ok(['secretary', 'tokenizer', 'keyboard', 'passenger'].some(isSecretName));
});

test('pollute nothing, whatever the names in a value are', () => {
  const value: unknown = JSON.parse('{"__proto__":{"polluted":"password=x"},"constructor":{"prototype":{"polluted":1}}}');
  assert.is(
    JSON.stringify(redactValue(value)),
    '{"__proto__":{"polluted":"password=***"},"constructor":{"prototype":{"polluted":1}}}',
  );
  assert.is(({} as { polluted?: unknown }).polluted, undefined);
});

test('are in every recorded error: message, stack, causes and details, also where a text is cut', () => {
  const cause = new Error('connect postgres://app:hunter2@db');
  const error = Object.assign(new Error(`${'x'.repeat(8_180)} password=hunter2`, { cause }), {
    token: 'hunter2',
    url: 'x://u:hunter2@h',
  });
  const text = JSON.stringify(errorInfo(error));
  assert.not.ok(text.includes('hunter2'), text.slice(-300));
  assert.is(errorInfo('password=hunter2').message, "Thrown: 'password=***'");
});

test('are in log lines: in messages, facts and the facts of a child', () => {
  const lines = recordingLogger();
  redactingLogger(lines)
    .child({ password: 'hunter2' })
    .info({ url: 'x://u:hunter2@h', error: { message: 'token=hunter2' } }, 'secret=hunter2');
  assert.equal(lines.lines, [
    { level: 'info', facts: { password: '***', url: 'x://u:***@h', error: { message: 'token=***' } }, message: 'secret=***' },
  ]);
});

test.run();
