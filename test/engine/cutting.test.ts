import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { type CutRange, type Cutting, cutSource, type PlannedGroup } from '../../src/engine/cut/cut.ts';
import { type Reader, readStream } from '../../src/engine/cut/read-stream.ts';
import { byCount, byRange, type Chunker, type Cut } from '../../src/model/chunkers.ts';
import type { MillraceError } from '../../src/model/errors.ts';
import { defineJob, type JobDefinition } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { gate, recordingLogger } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';
import { turns } from '../support/turns.ts';

const test = suite('cutting');

function messageOf(failure: { readonly thrown: unknown } | undefined): string {
  assert.instance(failure?.thrown, Error);
  return (failure?.thrown as Error | undefined)?.message ?? '';
}

// --- chunkers

function cutAll(chunker: Chunker<never>, items: readonly unknown[], first?: number): Cut[] {
  const cutter = chunker.start(first);
  return [...items.flatMap((item) => cutter.push(item)), ...cutter.end()];
}

const itemsOf = (cuts: readonly Cut[]): unknown[] => cuts.flatMap(({ items }) => items);

function assertTiles(cuts: readonly Cut[], items: readonly unknown[], first = 0): void {
  assert.equal(itemsOf(cuts), items);
  let next = first;
  for (const cut of cuts) {
    assert.is(cut.first, next, 'each chunk begins where the last one ended');
    assert.ok(cut.items.length > 0, 'no chunk is empty');
    next += cut.items.length;
  }
}

test('chunks by count tile the input, and all but the last are full', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 300 }), fc.integer({ min: 1, max: 50 }), fc.nat(), (items, size, first) => {
      const cuts = cutAll(byCount(size), items, first);
      assertTiles(cuts, items, first);
      assert.ok(cuts.slice(0, -1).every((cut) => cut.items.length === size));
    }),
  );
});

const key = (item: number): number => item;
const keys = fc
  .array(fc.double({ min: -1_000, max: 1_000, noNaN: true }), { maxLength: 200 })
  .map((values) => values.sort((a, b) => a - b));

test('chunks by range tile the input; their cores are half-open ranges anchored at 0', () => {
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 500 }), fc.nat({ max: 1_000 }), (items, size, overlap) => {
      const cuts = cutAll(byRange({ key, size, overlap }), items);
      assertTiles(cuts, items);
      for (const { items: core, range } of cuts) {
        assert.ok(range && range.to - range.from === size && range.from % size === 0);
        assert.ok((core as number[]).every((item) => item >= range.from && item < range.to));
      }
    }),
  );
});

test('the overlap holds every neighbour within reach and none beyond, clipped to what is there', () => {
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 300 }), fc.nat({ max: 700 }), (items, size, overlap) => {
      for (const { before, after, range } of cutAll(byRange({ key, size, overlap }), items)) {
        const { from, to, overlapFrom, overlapTo } = range as NonNullable<Cut['range']>;
        assert.equal(
          before,
          items.filter((item) => item >= from - overlap && item < from),
        );
        assert.equal(
          after,
          items.filter((item) => item >= to && item < to + overlap),
        );
        assert.is(overlapFrom, Math.max(from - overlap, items[0] as number));
        assert.ok(overlapTo <= to + overlap && overlapTo <= (items.at(-1) as number));
      }
    }),
  );
});

test('equal keys at the edge of a range stay together, in the core that begins there', () => {
  const cuts = cutAll(byRange({ key, size: 10, overlap: 0 }), [9, 10, 10, 10, 19, 20]);
  assert.equal(
    cuts.map(({ items }) => items),
    [[9], [10, 10, 10, 19], [20]],
  );
});

test('a size smaller than the step between items gives a chunk for each, and none that is empty', () => {
  const items = [0, 1_000, 2_000, 500_000];
  const cuts = cutAll(byRange({ key, size: 1, overlap: 0 }), items);
  assertTiles(cuts, items);
  assert.is(cuts.length, 4);
});

test('a range that waits for its overlap is cut as soon as an item lies beyond it', () => {
  const cutter = byRange({ key, size: 10, overlap: 5 }).start();
  assert.equal([cutter.push(1), cutter.push(12), cutter.push(14)], [[], [], []]);
  const [cut] = cutter.push(15);
  assert.equal([cut?.items, cut?.after], [[1], [12, 14]]);
});

for (const [what, items] of [
  ['goes back', [1, 5, 4]],
  ['is not a number', [1, Number.NaN]],
  ['is infinite', [1, Number.POSITIVE_INFINITY]],
] as const) {
  test(`a key that ${what} is refused, naming the item`, () => {
    try {
      cutAll(byRange({ key, size: 10 }), items);
      assert.unreachable();
    } catch (error) {
      assert.is((error as MillraceError).code, 'SOURCE_NOT_ORDERED');
      assert.match((error as MillraceError).message, `item ${items.length - 1} `);
    }
  });
}

// --- reading

/** A reader whose stream lets itself go without complaint. */
function readerOf(open: Parameters<typeof readStream>[0]): Reader {
  return readStream(open, (thrown) => {
    throw thrown;
  });
}

test('a synchronous source is read at once, no further than asked', () => {
  let read = 0;
  const reader = readerOf(function* () {
    while (read < 10) yield read++;
  });
  assert.equal(reader.take(4), { items: [0, 1, 2, 3], done: false });
  assert.is(read, 4);
  assert.equal(reader.take(100), { items: [4, 5, 6, 7, 8, 9], done: true });
});

test('a source is opened at the first take, not before', () => {
  let opened = false;
  const reader = readerOf(() => {
    opened = true;
    return [];
  });
  assert.not.ok(opened);
  assert.equal(reader.take(1), { items: [], done: true });
  assert.ok(opened);
});

test('what a source throws is a value, behind what it gave before', () => {
  const reader = readerOf(function* () {
    yield 1;
    throw new Error('torn');
  });
  const values = reader.take(5);
  assert.ok(!(values instanceof Promise));
  assert.equal(values.items, [1]);
  assert.is(messageOf(values.failure), 'torn');
});

test('an asynchronous source is read to its end, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer()),
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.nat({ max: 3 }), { minLength: 1 }),
      async (items, limit, waits) => {
        const reader = readerOf(async function* () {
          for (const [index, item] of items.entries()) {
            await turns(waits[index % waits.length] ?? 0);
            yield item;
          }
        });
        const seen: unknown[] = [];
        for (;;) {
          const values = await reader.take(limit);
          assert.ok(values.items.length <= limit);
          seen.push(...values.items);
          if (values.done) break;
        }
        assert.equal(seen, items);
      },
    ),
    { numRuns: 40 },
  );
});

test('a slow asynchronous source holds back nothing that it gave: it is handed on after a moment', async () => {
  const door = gate();
  const reader = readerOf(async function* () {
    yield 1;
    yield 2;
    await door.opened;
    yield 3;
  });
  assert.equal(await reader.take(100), { items: [1, 2], done: false });
  const rest = reader.take(100);
  door.open();
  assert.equal(await rest, { items: [3], done: true });
});

test('what an asynchronous source throws is a value, behind what it gave before', async () => {
  const reader = readerOf(async function* () {
    yield 1;
    throw new Error('torn');
  });
  const { items, done, failure } = await reader.take(5);
  assert.equal([items, done, messageOf(failure)], [[1], true, 'torn']);
});

test('closing a reader lets go of its source, also while it waits', async () => {
  const ended: string[] = [];
  const sync = readerOf(function* () {
    try {
      for (;;) yield 1;
    } finally {
      ended.push('sync');
    }
  });
  void sync.take(3);
  sync.close();
  const door = gate();
  const slow = readerOf(async function* () {
    try {
      yield 1;
      await door.opened;
      yield 2;
    } finally {
      ended.push('async');
    }
  });
  await slow.take(1);
  const waiting = slow.take(1);
  slow.close();
  assert.equal(await waiting, { items: [], done: false }, 'a stream that was let go has not ended');
  door.open();
  await turns(3);
  assert.equal(ended, ['sync', 'async']);
});

test('what a stream throws when it is let go is told, and troubles nobody', async () => {
  const thrown: string[] = [];
  const tell = (error: unknown): void => void thrown.push((error as Error).message);
  const refuse = (what: string) => () => {
    throw new Error(what);
  };
  const sync = readStream(() => {
    const stream = { next: () => ({ done: false, value: 1 }), return: refuse('sync'), [Symbol.iterator]: () => stream };
    return stream;
  }, tell);
  const slow = readStream(() => {
    const next = async () => ({ done: false, value: 1 });
    const stream = { next, return: refuse('async'), [Symbol.asyncIterator]: () => stream };
    return stream;
  }, tell);
  for (const reader of [sync, slow]) {
    await reader.take(1);
    reader.close();
    reader.close();
  }
  assert.equal(thrown, ['sync', 'async']);
});

test('values that were read already are handed on, though the next take asks for more', async () => {
  const doors = [gate(), gate()];
  const reader = readerOf(async function* () {
    yield 0;
    await doors[0]?.opened;
    yield* [1, 2, 3, 4];
    await doors[1]?.opened;
  });
  assert.equal((await reader.take(4)).items, [0]);
  doors[0]?.open();
  await turns(20);
  assert.equal((await reader.take(8)).items, [1, 2, 3, 4]);
  doors[1]?.open();
});

// --- planning

const noop = defineWork({ each: (item: number) => item });

function planOf(
  job: JobDefinition,
  input: unknown,
  range: Partial<CutRange> = {},
  abort: AbortController = new AbortController(),
): Cutting {
  return cutSource({ job, input, abort, logger: recordingLogger() }, { chunks: 0, items: 0, ...range });
}

async function takeAll(cutting: Cutting, limit: number): Promise<PlannedGroup[]> {
  const groups: PlannedGroup[] = [];
  for (;;) {
    const group = await cutting.take(limit);
    groups.push(group);
    if (group.position.ended) return groups;
  }
}

const counted = (size: number) =>
  defineJob(noop, {
    name: 'counted',
    source: (input: readonly number[]) => input,
    chunk: byCount(size),
    itemId: (item) => `i${item}`,
  });

test('groups of chunks tile the input, however many are asked for at a time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer(), { maxLength: 100 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 20 }),
      async (items, size, limit) => {
        const groups = await takeAll(planOf(counted(size).definition, items), limit);
        const batches = groups.flatMap((group) => group.batches);
        assert.equal(
          batches.flatMap(({ input }) => (input.type === 'items' ? input.items : [])),
          items,
        );
        assert.equal(
          batches.map(({ row }) => row.number),
          batches.map((_, index) => index),
        );
        for (const group of groups) assert.ok(group.batches.length <= limit);
        assert.equal(groups.at(-1)?.position, { chunks: batches.length, items: items.length, ended: true });
      },
    ),
  );
});

test('a pass that begins behind an item goes on with the numbers it is given', async () => {
  const [group] = await takeAll(planOf(counted(2).definition, [5, 6, 7], { chunks: 2, items: 4 }), 100);
  assert.equal(
    group?.batches.map(({ row }) => [row.number, row.first, row.items]),
    [
      [2, 4, 2],
      [3, 6, 1],
    ],
  );
});

test('chunks that are not wanted are passed over, and still counted', async () => {
  const groups = await takeAll(planOf(counted(1).definition, [1, 2, 3, 4], { wanted: (number) => number === 2 }), 100);
  assert.equal(
    groups.flatMap(({ batches }) => batches.map(({ row }) => row.number)),
    [2],
  );
  assert.is(groups.at(-1)?.position.chunks, 4);
});

test('the hash of a chunk tells its items, their order and its overlap apart', async () => {
  const hashes = async (items: readonly number[], definition = counted(3).definition): Promise<(string | null)[]> =>
    (await takeAll(planOf(definition, items), 100)).flatMap(({ batches }) => batches.map(({ row }) => row.hash));
  const around = (overlap: number) =>
    defineJob(noop, {
      name: 'around',
      source: (input: readonly number[]) => input,
      chunk: byRange({ key, size: 10, overlap }),
    }).definition;
  assert.equal(await hashes([1, 2, 3]), await hashes([1, 2, 3]));
  const [first] = await hashes([1, 2, 3]);
  for (const other of [
    [3, 2, 1],
    [1, 2, 4],
    [1, 2],
  ])
    assert.is.not((await hashes(other))[0], first);
  assert.is.not((await hashes([1, 12], around(5)))[0], (await hashes([1, 12], around(0)))[0]);
});

test('what a callback of the job throws while cutting is a failure of the source, behind the chunks before', async () => {
  const job = defineJob(noop, {
    name: 'named',
    source: (input: readonly number[]) => input,
    chunk: byCount(1),
    taskId: (item) => {
      if (item === 3) throw new Error('no name');
      return `t${item}`;
    },
  });
  const [group] = await takeAll(planOf(job.definition, [1, 2, 3, 4]), 100);
  assert.equal(
    group?.batches.map(({ row }) => row.taskId),
    ['t1', 't2'],
  );
  assert.is(messageOf(group?.failure), 'no name');
});

test('a slice that cannot be stored is a failure of the source that names it', async () => {
  const job = defineJob(defineWork({ chunk: ({ slice }: { slice: { from: unknown } }) => slice.from === 1 }), {
    name: 'slices',
    slices: (_: null) => [{ from: 1 }, { from: () => 2 }],
  });
  const [group] = await takeAll(planOf(job.definition, null), 100);
  assert.is(group?.batches.length, 1);
  assert.match(messageOf(group?.failure), 'slice 1');
});

test('a pass that is let go while its source makes it wait has not ended', async () => {
  const door = gate();
  const { definition } = defineJob(noop, {
    name: 'slow',
    source: async function* (_: null) {
      yield 1;
      await door.opened;
      yield 2;
    },
    chunk: byCount(2),
  });
  const cutting = planOf(definition, null);
  const group = cutting.take(10);
  await turns(5);
  cutting.close();
  assert.equal(await group, { batches: [], position: { chunks: 0, items: 0, ended: false } });
  door.open();
});

test('a source that ends because its signal aborted has not ended', async () => {
  const { definition } = defineJob(noop, {
    name: 'obedient',
    source: async function* (_: null, { signal }) {
      yield 1;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
    chunk: byCount(2),
  });
  const abort = new AbortController();
  const group = planOf(definition, null, {}, abort).take(10);
  await turns(5);
  abort.abort();
  assert.equal((await group).position.ended, false);
});

for (const kind of ['synchronous', 'asynchronous'] as const) {
  test(`the loop gets its turns while chunks of a ${kind} source are passed over`, async () => {
    let turned = false;
    const untilTurned = function* () {
      for (let value = 0; value < 50_000_000 && !turned; value++) yield value;
    };
    const slowly = async function* () {
      yield* untilTurned();
    };
    const { definition } = defineJob(noop, {
      name: 'long',
      source: kind === 'synchronous' ? untilTurned : slowly,
      chunk: byCount(1_000),
    });
    setImmediate(() => {
      turned = true;
    });
    await planOf(definition, null, { wanted: () => false }).take(16);
    assert.ok(turned);
  });
}

test.run();
