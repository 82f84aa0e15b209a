import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { byRange, type Cut } from '../../src/model/chunkers.ts';
import { suite } from '../support/suite.ts';

const test = suite('byRange');

function cutsOf(keys: readonly number[], size: number, overlap: number): readonly Cut[] {
  const cutter = byRange<number>({ key: (key) => key, size, overlap }).start();
  return [...keys.flatMap((key) => [...cutter.push(key)]), ...cutter.end()];
}

/** Keys on the edges of ranges and close to them, reached by both ways of calculating: they differ in the last bit. */
const edgeCases = fc
  .record({
    size: fc.constantFrom(0.1, 0.3, 0.7, 1 / 3, 1e-3, 1, 86_400_000),
    overlaps: fc.integer({ min: 0, max: 2 }),
    indexes: fc.array(fc.integer({ min: -60, max: 60 }), { minLength: 1, maxLength: 12 }),
    shift: fc.constantFrom(-0.5, 0, 0.5),
  })
  .map(({ size, overlaps, indexes, shift }) => ({
    size,
    overlap: size * overlaps,
    keys: indexes.flatMap((index) => [index * size, (index - 1) * size + size, (index + shift) * size]).sort((a, b) => a - b),
  }));

test('puts each item into one range, and never beside its own range as overlap', () => {
  fc.assert(
    fc.property(edgeCases, ({ keys, size, overlap }) => {
      const cuts = cutsOf(keys, size, overlap);
      assert.equal(
        cuts.flatMap(({ items }) => items),
        keys,
      );
      const starts = cuts.map(({ range }) => range?.from);
      assert.is(new Set(starts).size, starts.length, 'two chunks of one range');
      for (const { items, before, after, range } of cuts) {
        const { from, to } = range as NonNullable<Cut['range']>;
        for (const key of items as number[]) assert.ok(key >= from && key < to, `${key} in [${from}, ${to})`);
        for (const key of before as number[]) assert.ok(key >= from - overlap && key < from, `${key} before ${from}`);
        for (const key of after as number[]) assert.ok(key >= to && key < to + overlap, `${key} after ${to}`);
      }
    }),
  );
});

test('one range ends exactly where the next begins, whatever the size', () => {
  for (const size of [0.1, 0.3, 0.7, 1 / 3]) {
    const cuts = cutsOf(
      Array.from({ length: 200 }, (_, index) => (index + 0.5) * size),
      size,
      0,
    );
    for (const [index, { range }] of cuts.slice(1).entries()) assert.is(range?.from, cuts[index]?.range?.to);
  }
});

test.run();
