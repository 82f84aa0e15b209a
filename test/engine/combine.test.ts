import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { createCombiner } from '../../src/engine/live/combine.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { encode } from '../../src/model/codec.ts';
import type { MillraceError } from '../../src/model/errors.ts';
import type { SessionId } from '../../src/model/ids.ts';
import { defineJob } from '../../src/model/job.ts';
import type { OutputRecord } from '../../src/model/records.ts';
import type { OutputFilter } from '../../src/model/store.ts';
import { defineWork } from '../../src/model/work.ts';
import { openWorld } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';
import { turns } from '../support/turns.ts';

const test = suite('combine');

const id = 'session' as SessionId;

/** Outputs of chunk work, by number; what is undefined left a hole. */
function outputs(values: readonly unknown[]) {
  const asked: OutputFilter[] = [];
  const rows: OutputRecord[] = values.flatMap((value, number) =>
    value === undefined ? [] : [{ number, places: null, data: encode(value) }],
  );
  const listOutputs = async (filter: OutputFilter) => {
    asked.push(filter);
    return rows.filter(({ number }) => number >= filter.from && number <= filter.to).slice(0, filter.limit);
  };
  return { listOutputs, asked };
}

/** Combines all at once. */
async function combineAll(values: readonly unknown[], combine: (left: unknown, right: unknown) => unknown): Promise<unknown> {
  return createCombiner(outputs(values), id, 'chunk', combine).finish(values.length);
}

const join = (left: unknown, right: unknown): unknown => `${left as string}${right as string}`;

test('joins neighbours in the order of the input', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ maxLength: 3 })), async (values) => {
      assert.is(await combineAll(values, join), values.length === 0 ? undefined : values.join(''));
    }),
  );
});

test('leaves out what has no output, as if it had never been there', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(fc.string({ maxLength: 3 }), { nil: undefined })), async (values) => {
      const there = values.filter((value) => value !== undefined);
      assert.is(await combineAll(values, join), there.length === 0 ? undefined : there.join(''));
    }),
  );
});

test('comes to the same however it is told that more has ended', async () => {
  const steps = fc.array(fc.nat({ max: 20 }), { maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ maxLength: 2 }), { maxLength: 60 }), steps, async (values, given) => {
      const source = outputs(values);
      const combiner = createCombiner(source, id, 'chunk', join);
      let lowestOpen = 0;
      for (const step of given) {
        lowestOpen = Math.min(values.length, lowestOpen + step);
        combiner.advance(lowestOpen);
        await turns(1);
      }
      assert.is(await combiner.finish(values.length), values.length === 0 ? undefined : values.join(''));
    }),
  );
});

test('reads only what has ended, and no output twice', async () => {
  const source = outputs(Array.from({ length: 100 }, (_, index) => `${index},`));
  const combiner = createCombiner(source, id, 'chunk', join);
  combiner.advance(10);
  await turns(3);
  assert.ok(source.asked.every(({ to }) => to < 10));
  combiner.advance(10);
  combiner.advance(3);
  await turns(3);
  const reads = source.asked.length;
  combiner.advance(40);
  await turns(3);
  assert.ok(source.asked.slice(reads).every(({ from, to }) => from >= 10 && to < 40));
});

/** A value that knows which outputs are in it, and counts what was copied to make it. */
interface Piece {
  readonly from: number;
  readonly to: number;
}

test('holds no more than log2(n) partial results, each of neighbours', async () => {
  const count = 1_000;
  const alive = new Set<string>();
  const name = ({ from, to }: Piece): string => `${from}-${to}`;
  let most = 0;
  const combine = (left: unknown, right: unknown): unknown => {
    const [l, r] = [left as Piece, right as Piece];
    assert.is(l.to + 1, r.from, 'neighbours only');
    alive.delete(name(l));
    alive.delete(name(r));
    const made = { from: l.from, to: r.to };
    alive.add(name(made));
    most = Math.max(most, alive.size);
    return made;
  };
  const values = Array.from({ length: count }, (_, index) => ({ from: index, to: index }));
  assert.equal(await combineAll(values, combine), { from: 0, to: count - 1 });
  assert.ok(most <= Math.ceil(Math.log2(count)), `${most} partial results`);
});

/** Elements that are copied while lists of one element each are joined. */
async function copiesFor(count: number): Promise<number> {
  let copied = 0;
  const concat = (left: unknown, right: unknown): unknown => {
    const joined = [...(left as number[]), ...(right as number[])];
    copied += joined.length;
    return joined;
  };
  const values = Array.from({ length: count }, (_, index) => [index]);
  const all = await combineAll(values, concat);
  assert.is((all as number[]).length, count);
  return copied;
}

test('joining 30,000 lists copies no more than four times what 10,000 do', async () => {
  const [small, large] = [await copiesFor(10_000), await copiesFor(30_000)];
  assert.ok(large <= small * 4, `${large} against ${small}`);
  assert.ok(large <= 30_000 * Math.ceil(Math.log2(30_000)), `${large} copies`);
});

test('a combine that throws names the chunks on both sides of it', async () => {
  const combine = (left: unknown, right: unknown): unknown => {
    if (right === 'c') throw new Error('no c');
    return join(left, right);
  };
  try {
    await combineAll(['a', 'b', 'x', 'c'], combine);
    assert.unreachable();
  } catch (error) {
    assert.is((error as MillraceError).code, 'COMBINE_FAILED');
    assert.match((error as MillraceError).message, 'chunks 2-2 and 3-3');
    assert.is(((error as MillraceError).cause as Error).message, 'no c');
  }
});

test('a session whose combine throws fails with COMBINE_FAILED; nothing runs again, the outputs are there', async () => {
  let calls = 0;
  const work = defineWork({
    each: (item: number) => {
      calls++;
      return item;
    },
  });
  const job = defineJob(work, {
    name: 'torn',
    source: (input: readonly number[]) => input,
    chunk: byCount(1),
    combine: (left, right) => {
      if (left + right === 10) throw new Error('ten');
      return left + right;
    },
  });
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, [1, 2, 3, 4]);
  const outcome = await session.outcome();
  assert.is(outcome.status, 'failed');
  assert.is(outcome.error?.code, 'COMBINE_FAILED');
  assert.match(outcome.error?.message ?? '', 'chunks 0-1 and 2-3');
  assert.is(outcome.error?.cause?.message, 'ten');
  assert.is(calls, 4);
  assert.is(outcome.counts.batches.completed, 4);
  await engine.close();
});

test.run();
