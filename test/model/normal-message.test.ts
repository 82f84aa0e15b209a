import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { normalMessage } from '../../src/model/normal-message.ts';
import { suite } from '../support/suite.ts';

const test = suite('the normal message');

const examples: readonly (readonly [message: string, normal: string])[] = [
  ['row 17 of 2,400.5 is bad', 'row <n> of <n> is bad'],
  ['session 5f0c1c5e-0000-4000-8000-00000000000a is gone', 'session <id> is gone'],
  ['no such file: /tmp/in/a-1.csv', 'no such file: <path>'],
  ["ENOENT: no such file or directory, open 'C:\\data\\x.txt'", "ENOENT: no such file or directory, open '<path>'"],
  ['GET https://example.org/a?b=1 gave 503', 'GET <url> gave <n>'],
  ['at 0x7ffe and deadbeef01', 'at <hex> and <hex>'],
  ['took 3.5s, not 10ms', 'took <n>s, not <n>ms'],
  ['a\n  b\tc', 'a b c'],
  ['neither and/or nor feedface is a number', 'neither and/or nor feedface is a number'],
  ['', ''],
];

for (const [message, normal] of examples) {
  test(`of ${JSON.stringify(message)} is ${JSON.stringify(normal)}`, () => assert.is(normalMessage(message), normal));
}

test('is the same whatever the numbers are', () => {
  const law = fc.property(fc.nat(), fc.nat(), (one, other) => {
    assert.is(normalMessage(`item ${one} failed at ${other}`), 'item <n> failed at <n>');
  });
  fc.assert(law);
});

test('is made of any text, is short, and is its own normal message', () => {
  const law = fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
    const normal = normalMessage(text);
    assert.ok(normal.length <= 300);
    assert.is(normalMessage(normal), normal);
  });
  fc.assert(law);
});

test('takes no longer than the text is long', () => {
  for (const part of ['/a', 'a/', '0x', '1.', 'ab1', 'a://', 'abcdef-']) {
    assert.ok(normalMessage(part.repeat(4_000)).length <= 300);
  }
});

test.run();
