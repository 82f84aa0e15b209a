import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { byCount, byRange, type Chunker, type Cut } from '../../src/model/chunkers.ts';
import { suite } from '../support/suite.ts';

const test = suite('laws of chunkers');

/** All cuts of one pass. */
function cutAll<Item>(chunker: Chunker<Item>, items: readonly Item[], first = 0): readonly Cut[] {
  const cutter = chunker.start(first);
  return [...items.flatMap((item) => cutter.push(item)), ...cutter.end()];
}

/** Items in the order of their keys, many of which are equal, and some of which lie exactly on an edge. */
const keyed = fc
  .array(
    fc.oneof(
      fc.integer({ min: -500, max: 500 }),
      fc.integer({ min: -5, max: 5 }).map((edge) => edge * 100),
    ),
    { maxLength: 80 },
  )
  .map((keys) => keys.sort((left, right) => left - right).map((key, id) => ({ key, id })));

const sizes = fc.integer({ min: 1, max: 300 });
const overlaps = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 700 }));

const range = (size: number, overlap: number) => byRange<{ key: number; id: number }>({ key: ({ key }) => key, size, overlap });

test('any number of items a chunk gives each item once, in order, in full chunks but the last', () => {
  fc.assert(
    fc.property(
      fc.array(fc.anything(), { maxLength: 60 }),
      fc.integer({ min: 1, max: 70 }),
      fc.nat(1_000),
      (items, size, first) => {
        const cuts = cutAll(byCount(size), items, first);
        assert.equal(
          cuts.flatMap((cut) => cut.items),
          items,
        );
        let at = first;
        for (const cut of cuts) {
          assert.is(cut.first, at);
          at += cut.items.length;
        }
        for (const [index, cut] of cuts.entries()) {
          assert.ok(cut.items.length === size || (index === cuts.length - 1 && cut.items.length > 0));
          assert.equal([cut.before, cut.after], [[], []]);
        }
      },
    ),
  );
});

test('ranges of any size give each item once, in order, and no chunk is empty', () => {
  fc.assert(
    fc.property(keyed, sizes, overlaps, (items, size, overlap) => {
      const cuts = cutAll(range(size, overlap), items);
      assert.equal(
        cuts.flatMap((cut) => cut.items),
        items,
      );
      let at = 0;
      for (const cut of cuts) {
        assert.is(cut.first, at);
        at += cut.items.length;
      }
      assert.ok(cuts.every((cut) => cut.items.length > 0));
    }),
  );
});

test('a range holds exactly the items within its edges, and its overlap exactly those within reach', () => {
  fc.assert(
    fc.property(keyed, sizes, overlaps, (items, size, overlap) => {
      for (const { items: core, before, after, range: edges } of cutAll(range(size, overlap), items)) {
        const { from = 0, to = 0 } = edges ?? {};
        assert.is(to - from, size);
        assert.is(from % size === 0, true);
        const within = (low: number, high: number) => items.filter(({ key }) => key >= low && key < high);
        assert.equal([before, core, after], [within(from - overlap, from), within(from, to), within(to, to + overlap)]);
      }
    }),
  );
});

test('where ranges are cut does not depend on what else is in the input', () => {
  fc.assert(
    fc.property(keyed, sizes, (items, size) => {
      const edgesOf = (some: typeof items) => new Set(cutAll(range(size, 0), some).map((cut) => cut.range?.from));
      const all = edgesOf(items);
      const half = edgesOf(items.filter((_, index) => index % 2 === 0));
      assert.ok([...half].every((from) => all.has(from)));
    }),
  );
});

test('a pass that is cut off and begun again behind a chunk goes on as it would have', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), fc.nat(10), (items, size, chunks) => {
      const whole = cutAll(byCount(size), items);
      const done = Math.min(chunks, whole.length) * size;
      const rest = cutAll(byCount(size), items.slice(done), Math.min(done, items.length));
      assert.equal(rest, whole.slice(Math.min(chunks, whole.length)));
    }),
  );
});

test.run();
