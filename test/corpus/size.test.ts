import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { oddFiles, oddRows } from './histories.ts';
import { byCountSizes, byRangeOptions, engineOptions, jobOptions, startOptions } from './options.ts';
import { thrown } from './thrown.ts';
import { encodable, refused } from './values.ts';

const test = suite('corpus: its size');

test('there are at least 500 entries of different kinds, each with a name of its own in its list', () => {
  const optionsOf = (table: Readonly<Record<string, readonly unknown[]>>): number => Object.values(table).flat().length;
  const sizes = {
    values: encodable.length + refused.length,
    thrown: thrown.filter(({ name }) => !name.startsWith('the value ')).length,
    rows: oddRows.length,
    files: oddFiles.length,
    options: [jobOptions, startOptions, engineOptions, byRangeOptions].reduce(
      (sum, table) => sum + optionsOf(table),
      byCountSizes.length,
    ),
  };
  process.stdout.write(`  ${JSON.stringify(sizes)}\n`);
  const { options, ...others } = sizes;
  assert.ok(options > 500 && Object.values(others).reduce((sum, size) => sum + size, 0) > 300);
  for (const list of [[...encodable, ...refused], thrown, oddRows, oddFiles]) {
    assert.is(new Set(list.map(({ name }) => name)).size, list.length);
  }
});

test.run();
