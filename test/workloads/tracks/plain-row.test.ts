import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { createColumns } from '../../../src/workloads/tracks/columns.ts';
import type { CsvLayout } from '../../../src/workloads/tracks/csv/layout.ts';
import { createRowParser } from '../../../src/workloads/tracks/csv/parse-rows.ts';
import { plainRowsOf, takePlainRow } from '../../../src/workloads/tracks/csv/plain-row.ts';
import { emptyTally } from '../../../src/workloads/tracks/row-counts.ts';
import { suite } from '../../support/suite.ts';

// Quotes around a number say nothing, and send a row the long way: so the two ways can be compared.
const test = suite('plain rows of CSV');

const usual: CsvLayout = { delimiter: 44, time: 0, lat: 1, lon: 2, ele: 3, latScale: 1, lonScale: 1, dataStart: 0 };
const mixed: CsvLayout = { ...usual, delimiter: 59, time: 3, lat: 2, lon: 0, ele: -1, latScale: 1e7 };
const layouts: readonly CsvLayout[] = [usual, mixed, { ...usual, time: 4, ele: 1, lat: 2, lon: 3 }];

/** Numbers as files write them, numbers at the edges of what is exact, and fields that are none. */
const field = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: -95, max: 185, noNaN: true }).map((value) => value.toFixed(7)) },
  { weight: 6, arbitrary: fc.double({ min: -90, max: 90, noNaN: true }).map(String) },
  { weight: 6, arbitrary: fc.integer({ min: -10, max: 2_000_000_000 }).map(String) },
  { weight: 2, arbitrary: fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }).map(String) },
  { weight: 2, arbitrary: fc.string({ unit: fc.constantFrom(...'0123456789.-'), maxLength: 20 }) },
  fc.constantFrom('', '0', '-0', '-0.0', '.5', '5.', '-', '.', '+5', ' 5', '5 ', '1e3', 'NA', '1.2.3', '2024-06-15T10:30:00Z'),
);
const lineEnd = fc.constantFrom('\n', '\r\n');

function read(text: string, layout: CsvLayout) {
  const points = createColumns(0);
  const tally = emptyTally();
  createRowParser(layout, points, tally).parse(Buffer.from(text), 0, text.length);
  const columns = [points.time, points.lat, points.lon, points.ele].map((column) => [...column.subarray(0, points.length)]);
  return { columns, tally };
}

test('a row gives the same point, bit for bit, whether it is plain or quoted', () => {
  const rows = fc.array(fc.tuple(fc.array(field, { minLength: 1, maxLength: 6 }), lineEnd), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.constantFrom(...layouts), rows, fc.boolean(), (layout, lines, isEnded) => {
      const between = String.fromCharCode(layout.delimiter);
      const write = (quote: string): string => {
        const text = lines.map(([fields, end]) => fields.map((value) => quote + value + quote).join(between) + end).join('');
        return isEnded ? text : text.trimEnd();
      };
      const [plain, quoted] = [read(write(''), layout), read(write('"'), layout)];
      for (const [number, column] of plain.columns.entries()) {
        const other = quoted.columns[number] ?? [];
        assert.ok(column.length === other.length && column.every((value, i) => Object.is(value, other[i])), write(''));
      }
      assert.equal(plain.tally, quoted.tally, write(''));
    }),
    { numRuns: 5_000 },
  );
});

test('the rows of most files are taken as plain, and end where their line does', () => {
  const taken = (text: string, layout = usual): number => {
    const bytes = Buffer.from(text);
    return takePlainRow(plainRowsOf(layout), createColumns(0), bytes, 0, bytes.length);
  };
  assert.is(taken('1704091345,47.3699995,8.5400615,410\nnext'), 35);
  assert.is(taken('1704091345123,-47.3,-8.5,,more,"text"\r\nnext'), 38);
  assert.is(taken('1704091345,47.3,8.5'), 19);
  assert.is(taken('8.5;more;473000000;1704091345\n', mixed), 29);
  for (const text of ['', '\n', 'x,1,2\n', '1,2\n', '1,2,"3"\n', '1,2,3 \n', '1.5,2,3\n', '1,91,3\n', '1,2,3,4"\n']) {
    assert.is(taken(text), -1, JSON.stringify(text));
  }
});

test.run();
