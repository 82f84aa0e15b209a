import { existsSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { byCount, byRange } from '../../src/model/chunkers.ts';
import { PermanentError } from '../../src/model/errors.ts';
import { defineJob } from '../../src/model/job.ts';
import { type Chunk, defineWork, workModule } from '../../src/model/work.ts';
import { runSequential } from '../../src/testing.ts';
import { suite } from '../support/suite.ts';
import type lengthsWork from './lengths.work.ts';

const test = suite('runSequential');

const lengths = workModule<typeof lengthsWork>(new URL('./lengths.work.ts', import.meta.url));
const lines = { name: 'lines', source: (input: string[]) => input, chunk: byCount(2), settings: { bonus: 10 } };

test('runs a work module item by item, and combines from left to right', async () => {
  const job = defineJob(lengths, { ...lines, combine: (left, right) => left * 100 + right });
  const outcome = await runSequential(job, ['a', 'bb', 'ccc']);
  assert.is(outcome.status, 'completed');
  assert.is(outcome.result, (11 * 100 + 12) * 100 + 13);
  assert.equal(outcome.counters, { lines: 3 });
  assert.equal(outcome.counts.items, { total: 3, completed: 3, failed: 0, cancelled: 0 });
  assert.is(outcome.counts.batches.completed, 2);
});

test('leaves out what fails for good, and says what it was', async () => {
  const job = defineJob(lengths, {
    ...lines,
    itemId: (line: string) => `line "${line}"`,
    combine: (left, right) => left + right,
    finalize: async ({ input, combined, outputs, failures }) => {
      const all: number[] = [];
      for await (const output of outputs) all.push(output);
      return {
        of: input.length,
        combined,
        all,
        failed: failures.map(({ message, examples }) => ({ message, examples: [...examples] })),
      };
    },
  });
  const outcome = await runSequential(job, ['a', '', 'ccc']);
  const failed = [{ message: 'an empty line', examples: ['line ""'] }];
  assert.equal(outcome.result, { of: 3, combined: 24, all: [11, 13], failed });
  assert.equal(outcome.counts.items, { total: 3, completed: 2, failed: 1, cancelled: 0 });
});

test('tries again what may work the next time, and only that', async () => {
  const calls: string[] = [];
  const work = defineWork({
    each: (item: string, { attempt }) => {
      calls.push(`${item}${attempt}`);
      if (item === 'late' && attempt < 3) throw new Error('not yet');
      if (item === 'never') throw new PermanentError('not at all');
      return item.toUpperCase();
    },
  });
  const job = defineJob(work, {
    name: 'tries',
    source: (input: string[]) => input,
    chunk: byCount(9),
    combine: (left, right) => `${left} ${right}`,
  });
  const outcome = await runSequential(job, ['one', 'late', 'never', 'two']);
  assert.is(outcome.result, 'ONE LATE TWO');
  assert.equal(calls, ['one1', 'late1', 'never1', 'two1', 'late2', 'late3']);
});

test('gives chunks their overlap', async () => {
  const work = defineWork({
    chunk: ({ items, overlap }: Chunk<number>) => [[...overlap.before], [...items], [...overlap.after]],
  });
  const chunk = byRange<number>({ key: (item) => item, size: 3, overlap: 1 });
  const job = defineJob(work, {
    name: 'overlap',
    source: (input: number[]) => input,
    chunk,
    combine: (left, right) => [...left, ...right],
  });
  const outcome = await runSequential(job, [0, 1, 2, 3, 4]);
  assert.equal(outcome.result, [[], [0, 1, 2], [3], [2], [3, 4], []]);
});

test('reads slices where the work does', async () => {
  const work = defineWork({
    read: function* ({ from, to }: { from: number; to: number }) {
      for (let value = from; value < to; value++) yield value;
    },
    each: (value: number) => value * 2,
  });
  const slices = [
    { from: 0, to: 2 },
    { from: 2, to: 4 },
  ];
  const job = defineJob(work, { name: 'slices', slices: () => slices, combine: (left, right) => left + right });
  const outcome = await runSequential(job, null);
  assert.is(outcome.result, 12);
  assert.is(outcome.counts.items.total, 4);
});

test('completes an empty input, with nothing combined', async () => {
  const job = defineJob(lengths, {
    ...lines,
    combine: (left, right) => left + right,
    finalize: ({ combined, counts }) => [combined ?? 0, counts.items.total],
  });
  const outcome = await runSequential(job, []);
  assert.equal([outcome.status, outcome.result], ['completed', [0, 0]]);
});

test('answers every bad ending as an outcome, not as a rejection', async () => {
  const broken = (): never => {
    throw new Error('broken');
  };
  const ending = async (over: object, input: string[] = ['a', 'b', 'c']) => {
    const job = defineJob(lengths, { ...lines, combine: (left, right) => left + right, ...over });
    const outcome = await runSequential(job, input);
    return [outcome.status, outcome.status === 'failed' ? outcome.error.code : undefined];
  };
  assert.equal(await ending({}, ['', '']), ['failed', 'ALL_FAILED']);
  assert.equal(await ending({ partial: 'forbid' }, ['a', '']), ['failed', 'PARTIAL_FORBIDDEN']);
  assert.equal(await ending({ source: broken }), ['failed', 'SOURCE_FAILED']);
  assert.equal(await ending({ combine: broken }), ['failed', 'COMBINE_FAILED']);
  assert.equal(await ending({ finalize: broken }), ['failed', 'FINALIZE_FAILED']);
  assert.equal(await ending({ finalize: () => new Map() }), ['failed', 'FINALIZE_FAILED']);
  const unordered = { chunk: byRange<string>({ key: (line) => -line.length, size: 1 }), source: () => ['a', 'bb'] };
  assert.equal(await ending(unordered), ['failed', 'SOURCE_NOT_ORDERED']);
});

test('rejects when the work can not be loaded', async () => {
  const missing = workModule<typeof lengthsWork>(new URL('./missing.work.ts', import.meta.url));
  let code: unknown;
  try {
    await runSequential(defineJob(missing, lines), ['a']);
  } catch (error) {
    code = (error as { code?: unknown }).code;
  }
  assert.is(code, 'WORK_MODULE');
});

test('keeps outputs apart from what combine does to its arguments, and removes the temp folder', async () => {
  let folder = '';
  const work = defineWork({
    each: async (item: number, { tempDir }) => {
      folder = await tempDir();
      return [item];
    },
  });
  const job = defineJob(work, {
    name: 'lists',
    source: (input: number[]) => input,
    chunk: byCount(2),
    combine: (left, right) => {
      left.push(...right);
      return left;
    },
    finalize: async ({ combined, outputs }) => {
      const all: number[][] = [];
      for await (const output of outputs) all.push(output);
      return { combined, outputs: all };
    },
  });
  const outcome = await runSequential(job, [1, 2, 3]);
  assert.equal(outcome.result, { combined: [1, 2, 3], outputs: [[1], [2], [3]] });
  assert.is(existsSync(folder), false);
});

test.run();
