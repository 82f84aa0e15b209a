import * as assert from 'uvu/assert';
import { byCount, byRange } from '../../src/model/chunkers.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { defineJob } from '../../src/model/job.ts';
import { type Chunk, defineWork } from '../../src/model/work.ts';
import { checkJob } from '../../src/testing.ts';
import { suite } from '../support/suite.ts';

const test = suite('checkJob');

const oneToTwenty = Array.from({ length: 20 }, (_, index) => index + 1);
const numbers = { name: 'numbers', source: (input: number[]) => input, chunk: byCount(4) };

function sumOf(items: readonly number[]): number {
  return items.reduce((sum, item) => sum + item, 0);
}

async function refusalOf(checking: Promise<unknown>): Promise<MillraceError> {
  try {
    await checking;
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('accepts a sum of whole numbers, cut anywhere', async () => {
  const work = defineWork({ chunk: ({ items }: Chunk<number>) => sumOf(items) });
  const job = defineJob(work, { ...numbers, combine: (left, right) => left + right });
  assert.equal(await checkJob(job, [oneToTwenty, [7]]), { cuts: 200, runs: 30 });
});

test('runs incremental jobs like any other: nothing is taken from what another run has left', async () => {
  let asked = 0;
  const work = defineWork({ chunk: ({ items }: Chunk<number>) => sumOf(items) });
  const job = defineJob(work, {
    ...numbers,
    chunk: byRange({ key: (item: number) => item, size: 5, overlap: 0 }),
    combine: (left, right) => left + right,
    incremental: { series: () => `asked ${++asked} times` },
  });
  assert.equal(await checkJob(job, [oneToTwenty]), { cuts: 200, runs: 15 });
  assert.is(asked, 0, 'where no series is asked for, nothing is looked up or kept');
});

test('refuses an average, and shows the smallest cut that differs', async () => {
  const work = defineWork({ chunk: ({ items }: Chunk<number>) => sumOf(items) / items.length });
  const job = defineJob(work, { ...numbers, combine: (left, right) => (left + right) / 2 });
  const error = await refusalOf(checkJob(job, [[3, 3, 3, 1, 2, 6, 8, 8, 8, 8]]));
  assert.is(error.code, 'LAW_BROKEN');
  const [, from, to, whole, cut, at] =
    /items (\d+) to (\d+) give (\S+) as a whole, but (\S+) when cut before item (\d+)/.exec(error.message) ?? [];
  assert.is(Number(to) - Number(from), 2, 'two items can be averaged; three are the smallest that differ');
  assert.ok(Number(at) > Number(from) && Number(at) <= Number(to));
  assert.is.not(whole, cut);
});

test('refuses a floating-point sum, whether by chunk or by item', async () => {
  const tenths = { ...numbers, source: () => oneToTwenty.map((item) => item / 10) };
  const byChunk = defineJob(defineWork({ chunk: ({ items }: Chunk<number>) => sumOf(items) }), {
    ...tenths,
    combine: (left, right) => left + right,
  });
  assert.is((await refusalOf(checkJob(byChunk, [[]]))).code, 'LAW_BROKEN');
  const byItem = defineJob(defineWork({ each: (item: number) => item }), { ...tenths, combine: (left, right) => left + right });
  const error = await refusalOf(checkJob(byItem, [[]]));
  assert.is(error.code, 'LAW_BROKEN');
  const [, from, to] = /items (\d+) to (\d+) give \d\S* as a whole, but \d\S* when cut/.exec(error.message) ?? [];
  assert.is(Number(to) - Number(from), 2, 'three numbers can be added in two ways');
});

test('refuses a combine that forgets the order', async () => {
  const work = defineWork({ each: (item: number) => [item] });
  const job = defineJob(work, { ...numbers, combine: (left, right) => [...right, ...left] });
  // Reversed order is associative all the same: from left to right it gives the reversed list for every cut.
  assert.equal(await checkJob(job, [oneToTwenty]), { cuts: 200, runs: 15 });
  const uneven = defineJob(work, {
    ...numbers,
    combine: (left, right) => (left.length < right.length ? [...right, ...left] : [...left, ...right]),
  });
  assert.is((await refusalOf(checkJob(uneven, [oneToTwenty]))).code, 'LAW_BROKEN');
});

test('is not deceived by a combine that changes its arguments', async () => {
  const work = defineWork({ chunk: ({ items }: Chunk<number>) => ({ list: [...items] }) });
  const job = defineJob(work, {
    ...numbers,
    combine: (left, right) => {
      left.list.push(...right.list);
      return left;
    },
  });
  assert.equal(await checkJob(job, [oneToTwenty]), { cuts: 200, runs: 15 });
});

test('compares bytes: a typed array of another length is another result', async () => {
  const work = defineWork({ chunk: ({ items }: Chunk<number>) => Float64Array.from(items) });
  const join = (left: Float64Array, right: Float64Array, gap: number) => {
    const joined = new Float64Array(left.length + gap + right.length);
    joined.set(left);
    joined.set(right, left.length + gap);
    return joined;
  };
  assert.equal(await checkJob(defineJob(work, { ...numbers, combine: (left, right) => join(left, right, 0) }), [oneToTwenty]), {
    cuts: 200,
    runs: 15,
  });
  const gaping = defineJob(work, { ...numbers, combine: (left, right) => join(left, right, 1) });
  assert.match((await refusalOf(checkJob(gaping, [oneToTwenty]))).message, /Float64Array/);
});

test('cuts ranges where the job does, with their overlap', async () => {
  const work = defineWork({
    chunk: ({ items, overlap }: Chunk<number>) => {
      const all = [...overlap.before, ...items, ...overlap.after];
      return items.map((item) => all.filter((other) => Math.abs(other - item) <= 2).length);
    },
  });
  const ranges = (overlap: number) => ({
    name: 'neighbours',
    source: (input: number[]) => input,
    chunk: byRange<number>({ key: (item) => item, size: 5, overlap }),
  });
  const combine = (left: number[], right: number[]): number[] => [...left, ...right];
  assert.equal(await checkJob(defineJob(work, { ...ranges(2), combine }), [oneToTwenty]), { cuts: 200, runs: 15 });
  const error = await refusalOf(checkJob(defineJob(work, { ...ranges(1), combine }), [oneToTwenty]));
  assert.match(error.message, /chunks \d to \d give \[/);
});

test('tests combine over slices, which can not be joined', async () => {
  const work = defineWork({ chunk: ({ slice }: Chunk<never, { value: number }>) => slice.value });
  const slices = { name: 'slices', slices: (input: number[]) => input.map((value) => ({ value })) };
  assert.equal(await checkJob(defineJob(work, { ...slices, combine: (left, right) => Math.max(left, right) }), [oneToTwenty]), {
    cuts: 200,
    runs: 15,
  });
  const error = await refusalOf(checkJob(defineJob(work, { ...slices, combine: (left, right) => left - right }), [oneToTwenty]));
  assert.match(error.message, /slices \d+ to \d+/);
});

test('leaves out items that the work gives up', async () => {
  const work = defineWork({
    chunk: ({ items }: Chunk<number>, { fail }) => {
      for (const [index, item] of items.entries()) if (item % 3 === 0) fail(index, new Error('by three'));
      return sumOf(items.filter((item) => item % 3 !== 0));
    },
  });
  assert.equal(await checkJob(defineJob(work, { ...numbers, combine: (left, right) => left + right }), [oneToTwenty]), {
    cuts: 200,
    runs: 15,
  });
});

test('refuses work that only fails when an item has neighbours', async () => {
  const work = defineWork({
    chunk: ({ items }: Chunk<number>) => {
      if (items.length > 6) throw new Error('too many');
      return sumOf(items);
    },
  });
  const job = defineJob(work, { ...numbers, retry: { attempts: 1 }, combine: (left, right) => left + right });
  const error = await refusalOf(checkJob(job, [oneToTwenty]));
  assert.match(error.message, /give an error \(too many\) as a whole/);
});

test('does not pass when the work gives no output at all', async () => {
  const work = defineWork({
    chunk: (_: Chunk<number>): number => {
      throw new Error('never works');
    },
  });
  const job = defineJob(work, { ...numbers, retry: { attempts: 1 }, combine: (left, right) => left + right });
  const error = await refusalOf(checkJob(job, [oneToTwenty]));
  assert.is(error.code, 'ALL_FAILED');
  assert.match(error.message, /never works/);
});

test('finds the same cut for the same seed', async () => {
  const work = defineWork({ chunk: ({ items }: Chunk<number>) => items.length > 2 && items.includes(9) });
  const job = defineJob(work, { ...numbers, combine: (left, right) => left || right });
  const first = await refusalOf(checkJob(job, [oneToTwenty], { seed: 5 }));
  const second = await refusalOf(checkJob(job, [oneToTwenty], { seed: 5 }));
  assert.is(first.message, second.message);
});

test('asks for a sensible number of cuts and runs', async () => {
  const work = defineWork({ each: (item: number) => item });
  const job = defineJob(work, { ...numbers, combine: (left, right) => left + right });
  assert.is((await refusalOf(checkJob(job, [oneToTwenty], { cuts: 0 }))).code, 'INVALID_OPTION');
  assert.is((await refusalOf(checkJob(job, [oneToTwenty], { runs: -1 }))).code, 'INVALID_OPTION');
});

test.run();
