import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { byRange, byWeight, type Cut } from '../../src/model/chunkers.ts';
import { suite } from '../support/suite.ts';

const test = suite('chunkers');

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

interface Piece {
  readonly weight: number;
  readonly book: number;
  readonly chapter: number;
}

const pieces = fc.array(
  fc.record({
    weight: fc.integer({ min: 0, max: 9 }),
    book: fc.integer({ min: 0, max: 1 }),
    chapter: fc.integer({ min: 0, max: 2 }),
  }),
);

function weighed(items: readonly Piece[], max: number, first?: number): readonly Cut[] {
  const chunker = byWeight<Piece>({
    weight: ({ weight }) => weight,
    max,
    together: ({ chapter }) => chapter,
    apart: ({ book }) => book,
  });
  const cutter = chunker.start(first);
  return [...items.flatMap((item) => [...cutter.push(item)]), ...cutter.end()];
}

test('byWeight cuts exactly where the weight is reached and the next may be parted, or where it must', () => {
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 20 }), (items, max) => {
      const ends: number[] = [];
      let sum = 0;
      for (const [place, item] of items.entries()) {
        const last = items[place - 1];
        if (last && (item.book !== last.book || (sum >= max && item.chapter !== last.chapter))) {
          ends.push(place);
          sum = 0;
        }
        sum += item.weight;
      }
      const cuts = weighed(items, max);
      assert.equal(
        cuts.flatMap((cut) => cut.items),
        items,
      );
      assert.equal(
        cuts.slice(1).map(({ first }) => first),
        ends,
      );
    }),
  );
});

test('byWeight begun at a chunk gives the same chunks from there on', () => {
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 20 }), (items, max) => {
      const cuts = weighed(items, max);
      for (const [place, { first }] of cuts.entries()) assert.equal(weighed(items.slice(first), max, first), cuts.slice(place));
    }),
  );
});

test('byWeight asks the first item of a chunk how much it may weigh', () => {
  const cutter = byWeight<number>({ weight: () => 1, max: (item) => item }).start();
  const cuts = [...[2, 9, 3, 1, 1, 1].flatMap((item) => [...cutter.push(item)]), ...cutter.end()];
  assert.equal(
    cuts.map(({ items }) => items),
    [[2, 9], [3, 1, 1], [1]],
  );
});

test('byWeight refuses impossible options and weights, naming them', () => {
  const weight = (item: number): number => item;
  assert.throws(() => byWeight({ weight, max: 0 }), /byWeight\.max must be a finite number above 0/);
  assert.throws(() => byWeight({ weight, max: 1, together: 3 as never }), /byWeight\.together must be a function/);
  assert.throws(() => byWeight({ weight, max: 1, apert: 3 } as never), /apert/);
  const cutter = byWeight({ weight, max: 5 }).start();
  cutter.push(1);
  assert.throws(() => cutter.push(Number.NaN), /byWeight\.weight\(item 1\) must be a finite number, 0 or more; it is NaN/);
});

test.run();
