import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { parseDecimal } from '../../../src/workloads/tracks/csv/parse-decimal.ts';
import { parseTime } from '../../../src/workloads/tracks/csv/parse-time.ts';
import { suite } from '../../support/suite.ts';

const test = suite('fields of CSV rows');

const decimal = (text: string) => parseDecimal(Buffer.from(text), 0, text.length);
const time = (text: string) => parseTime(Buffer.from(text), 0, text.length);

test('a decimal is the same double as Number gives, bit for bit', () => {
  const digits = (max: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: max });
  const number = fc.tuple(fc.constantFrom('', '-', '+'), digits(20), digits(25)).filter(([, a, b]) => a + b !== '');
  fc.assert(
    fc.property(number, ([sign, whole, decimals]) => {
      const text = `${sign}${whole}${decimals === '' ? '' : `.${decimals}`}`;
      assert.ok(Object.is(decimal(text), Number(text)), text);
    }),
    { numRuns: 3_000 },
  );
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      assert.ok(Object.is(decimal(String(value)), Number(String(value))), String(value));
    }),
    { numRuns: 3_000 },
  );
});

test('a decimal may have blanks and quotes around it, a comma as its sign, and an exponent', () => {
  for (const text of ['"52.5"', ' 52.5\r', '52,5', '5.25e1', '+52.5', '052.50']) assert.is(decimal(text), 52.5, text);
  assert.is(decimal('-.5'), -0.5);
  assert.is(decimal('5.'), 5);
});

test('what is no decimal number is none', () => {
  for (const text of [
    '',
    ' ',
    '-',
    '.',
    ',',
    '1.2.3',
    '1,2,3',
    '0x10',
    'Infinity',
    'NaN',
    'NA',
    '1e',
    '1 2',
    '--1',
    '12a',
    '１',
  ]) {
    assert.ok(Number.isNaN(decimal(text)), JSON.stringify(text));
  }
});

test('every moment that a date can write is read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(1, 0, 1), max: Date.UTC(9999, 11, 31) }), (ms) => {
      assert.is(time(new Date(ms).toISOString()), ms);
    }),
    { numRuns: 3_000 },
  );
});

test('ISO times are read in all their forms, and without a zone as UTC', () => {
  const noon = Date.UTC(2024, 5, 15, 10, 30, 0, 0);
  const forms = [
    '2024-06-15T10:30:00Z',
    '2024-06-15 10:30:00',
    '2024/06/15 10:30',
    '2024-06-15t10:30:00z',
    '2024-06-15T12:30:00+02:00',
    '2024-06-15T12:30:00+0200',
    '2024-06-15T12:30+02',
    '2024-06-15T02:30:00.000-08:00',
    '2024-06-15 10:30:00 UTC',
    '"2024-06-15T10:30:00.000Z"',
    '2024-06-15T10:30:00.000999999Z',
    '2024-06-15T10:30:00,000',
  ];
  for (const form of forms) assert.is(time(form), noon, form);
  assert.is(time('2024-06-15'), Date.UTC(2024, 5, 15));
  assert.is(time('2019-01-25 20:00:16.178999901'), Date.UTC(2019, 0, 25, 20, 0, 16, 178));
  assert.is(time('2024-02-29'), Date.UTC(2024, 1, 29));
});

test('epoch times are seconds or milliseconds by their size, cut to milliseconds', () => {
  assert.is(time('1718444200'), 1_718_444_200_000);
  assert.is(time('1718444200.178999901'), 1_718_444_200_178);
  assert.is(time('1718444200.3'), 1_718_444_200_300);
  assert.is(time('1718444200,5'), 1_718_444_200_500);
  assert.is(time('1718444200178'), 1_718_444_200_178);
  assert.is(time('1718444200178.9'), 1_718_444_200_178);
  assert.is(time('0'), 0);
  assert.is(time('-1.5'), -1_500);
  assert.is(time('-1.5009'), -1_501);
  assert.is(time('1.5e9'), 1_500_000_000_000);
  assert.ok(Object.is(time('-0'), 0));
  fc.assert(
    fc.property(fc.integer({ min: -1e13, max: 9e13 }), (ms) => {
      const seconds = `${ms < 0 ? '-' : ''}${Math.floor(Math.abs(ms) / 1000)}.${String(Math.abs(ms) % 1000).padStart(3, '0')}`;
      assert.is(time(seconds), ms, seconds);
    }),
  );
});

test('what is no time is none', () => {
  const forms = [
    '',
    'yesterday',
    '2024-13-01',
    '2023-02-29',
    '2024-00-10',
    '2024-06-31T00:00:00Z',
    '2024-06-15T24:00:00Z',
    '2024-06-15T10:60:00Z',
    '2024-06-15T10:30:60Z',
    '2024-06-15T10',
    '2024-06-15T10:30:00.Z',
    '2024-06-15T10:30:00+2',
    '2024-06-15T10:30:00 CET',
    '2024-06/15',
    '20240615T103000Z',
    '1e30',
    '999999999999999',
    'NaN',
  ];
  for (const form of forms) assert.ok(Number.isNaN(time(form)), form);
});

test.run();
