import * as assert from 'uvu/assert';
import { byCount, byRange } from '../../src/model/chunkers.ts';
import { MillraceError, PermanentError, RetryError } from '../../src/model/errors.ts';
import { defineJob } from '../../src/model/job.ts';
import { type Chunk, defineWork, workModule } from '../../src/model/work.ts';
import { checkJob } from '../../src/testing.ts';
import { suite } from '../support/suite.ts';
import type lengthsWork from './lengths.work.ts';

const test = suite('checkJob over whole runs');

const oneToTwenty = Array.from({ length: 20 }, (_, index) => index + 1);
const numbers = { name: 'numbers', source: (input: number[]) => input, chunk: byCount(4) };

async function refusalOf(checking: Promise<unknown>): Promise<MillraceError> {
  try {
    await checking;
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

async function lawBroken(checking: Promise<unknown>, why: RegExp): Promise<string> {
  const { code, message } = await refusalOf(checking);
  assert.is(code, 'LAW_BROKEN');
  assert.match(message, why);
  return message;
}

test('catches a result that depends on the attempt, and names the batches that were tried twice', async () => {
  const job = defineJob(defineWork({ each: (item: number, { attempt }) => item * 10 + attempt }), numbers);
  const message = await lawBroken(checkJob(job, [oneToTwenty]), /depends on how it is run: one batch after another gives [[…]/);
  assert.match(
    message,
    /but .* in (its own chunks|chunks of|one chunk).* with \d at once, where batch \d+.* had to run twice \(run \d+ of seed 1\)/,
  );
});

test('catches a result that depends on the order in which batches happen to run', async () => {
  const work = defineWork({
    setup: () => ({ next: 0 }),
    each: (item: number, { resource }) => `${item} came as number ${resource.next++}`,
  });
  await lawBroken(checkJob(defineJob(work, numbers), [oneToTwenty]), /depends on how it is run/);
});

test('catches batches that disturb each other while they wait', async () => {
  const work = defineWork({
    setup: () => ({ atWork: 0 }),
    each: async (item: number, { resource }) => {
      resource.atWork++;
      await new Promise((resolve) => setImmediate(resolve));
      return { item, alone: resource.atWork-- === 1 };
    },
  });
  const message = await lawBroken(checkJob(defineJob(work, numbers), [oneToTwenty]), /"alone":false|alone: false/);
  assert.match(message, /with [24] at once/);
});

test('catches a result that depends on the size of chunks', async () => {
  const each = defineWork({ each: (item: number) => item });
  const counting = defineJob(each, { ...numbers, finalize: ({ counts }) => counts.batches.total });
  await lawBroken(checkJob(counting, [oneToTwenty]), /size of its chunks: its own give 5, but chunks of 1 item 20/);
  const fragile = defineWork({
    chunk: ({ items }: Chunk<number>) => {
      if (items.includes(9)) throw new PermanentError('no nine');
      return items.length;
    },
  });
  const losing = defineJob(fragile, { ...numbers, combine: (left, right) => left + right });
  await lawBroken(checkJob(losing, [oneToTwenty]), /its own give 16, but chunks of 1 item 19/);
});

test('catches a result left to chance before it blames anything else', async () => {
  let calls = 0;
  const job = defineJob(defineWork({ each: () => calls++ }), numbers);
  await lawBroken(checkJob(job, [[5]]), /not the same twice: the first run gives \[\s*0\s*\], the second \[\s*1\s*\]/);
});

test('finds the same run for the same seed', async () => {
  const job = defineJob(defineWork({ each: (item: number, { attempt }) => [item, attempt] }), numbers);
  const first = await lawBroken(checkJob(job, [oneToTwenty], { seed: 9 }), /of seed 9/);
  assert.is(await lawBroken(checkJob(job, [oneToTwenty], { seed: 9 }), /of seed 9/), first);
});

test('holds chunk work without combine to its own chunks alone', async () => {
  const work = defineWork({ chunk: ({ items }: Chunk<number>) => items.length });
  assert.equal(await checkJob(defineJob(work, numbers), [oneToTwenty]), { cuts: 0, runs: 15 });
  const late = defineWork({ chunk: ({ items }: Chunk<number>, { attempt }) => items.length * attempt });
  await lawBroken(checkJob(defineJob(late, numbers), [oneToTwenty]), /in its own chunks/);
});

test('accepts work whose items fail by chance or for good, without waiting between attempts', async () => {
  const work = defineWork({
    each: (item: number, { attempt }) => {
      if (item % 5 === 0) throw new PermanentError('by five');
      if (item % 3 === 0 && attempt < 3) throw new RetryError('later', { after: '1h' });
      return item;
    },
  });
  const job = defineJob(work, {
    ...numbers,
    retry: { classify: ({ category }) => (category === 'error' ? 'retry' : 'permanent') },
    finalize: async ({ outputs, failures, finalizeId }) => {
      const all: number[] = [];
      for await (const output of outputs) all.push(output);
      return { all, failures: failures.map(({ message, items }) => ({ message, items })), finalizeId };
    },
  });
  assert.equal(await checkJob(job, [oneToTwenty]), { cuts: 0, runs: 15 });
});

test('accepts a work module with task ids, meant for threads and for less time than it takes here', async () => {
  const lengths = workModule<typeof lengthsWork>(new URL('./lengths.work.ts', import.meta.url));
  const job = defineJob(lengths, {
    name: 'lines',
    source: (input: string[]) => input,
    chunk: byCount(1),
    taskId: (line, input) => `${input.length}:${line}`,
    settings: { bonus: 1 },
    executor: 'threads',
    itemTimeout: '1ms',
    combine: (left, right) => left + right,
  });
  assert.equal(await checkJob(job, [['a', '', 'ccc']], { runs: 6 }), { cuts: 200, runs: 6 });
});

test('accepts slices, read where the work is, and an input without any', async () => {
  const work = defineWork({
    read: function* ({ from }: { from: number }) {
      for (let value = from; value < from + 3; value++) yield value;
    },
    each: async (value: number) => [value],
  });
  const slices = (input: number): { from: number }[] => Array.from({ length: input }, (_, index) => ({ from: index * 3 }));
  const job = defineJob(work, { name: 'slices', slices, combine: (left, right) => [...left, ...right] });
  assert.equal(await checkJob(job, [6, 0], { runs: 9 }), { cuts: 200, runs: 18 });
});

test('cuts ranges with overlap only where the job does', async () => {
  const work = defineWork({
    chunk: ({ items, overlap }: Chunk<number>) => {
      const all = [...overlap.before, ...items, ...overlap.after];
      return items.map((item) => all.filter((other) => Math.abs(other - item) <= 2).length);
    },
  });
  const chunk = byRange<number>({ key: (item) => item, size: 5, overlap: 2 });
  const job = defineJob(work, { ...numbers, chunk, combine: (left, right) => [...left, ...right] });
  assert.equal(await checkJob(job, [oneToTwenty]), { cuts: 200, runs: 15 });
});

test('leaves runs out when none are wanted', async () => {
  const job = defineJob(defineWork({ each: (item: number, { attempt }) => item + attempt }), numbers);
  assert.equal(await checkJob(job, [oneToTwenty], { runs: 0 }), { cuts: 0, runs: 0 });
});

test('does not pass when there is no result to compare', async () => {
  const job = defineJob(defineWork({ each: (item: number) => item }), {
    ...numbers,
    finalize: () => {
      throw new Error('broken');
    },
  });
  const error = await refusalOf(checkJob(job, [oneToTwenty]));
  assert.is(error.code, 'SESSION_FAILED');
  assert.match(error.message, /no runs were compared.*FINALIZE_FAILED.*broken/);
});

test.run();
