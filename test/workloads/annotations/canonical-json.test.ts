import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { canonicalJson } from '../../../src/workloads/annotations/format/fields.ts';
import { suite } from '../../support/suite.ts';

const test = suite('canonical JSON');

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The rule in its plainest form. */
function plainly(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(plainly).join(',')}]`;
  const fields = Object.entries(value).filter(([key]) => key !== '__proto__');
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${plainly(field)}`).join(',')}}`;
}

const key = fc.oneof(
  fc.constantFrom('__proto__', 'toString', 'id', 'obj', '10', '9', '1e3', '-1', '0x', 'é', '\ud83e\uddec', ''),
  fc.string({ maxLength: 4 }),
);
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false, 0, 1.5, -1e300),
    fc.string({ maxLength: 6 }),
    fc.array(tie('json'), { maxLength: 4 }),
    fc
      .array(fc.tuple(key, tie('json')), { maxLength: 5 })
      .map((fields) =>
        JSON.parse(`{${fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`),
      ),
  ),
}));

test('has the keys of every object in order, those that look like numbers too, and no white space', () => {
  assert.is(canonicalJson(JSON.parse('{"b":[{"d":1,"c":2}],"__proto__":3,"a":"x y"}')), '{"a":"x y","b":[{"c":2,"d":1}]}');
  assert.is(canonicalJson({ 9: 1, 10: 2, a: { 2: [] } }), '{"10":2,"9":1,"a":{"2":[]}}');
  fc.assert(
    fc.property(json, (value) => {
      assert.is(canonicalJson(value), plainly(value));
    }),
    { numRuns: 2_000 },
  );
});

test.run();
