import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { byCount, byRange, type Chunker } from '../../src/model/chunkers.ts';
import { encode, type Payload } from '../../src/model/codec.ts';
import { defineJob, type Job } from '../../src/model/job.ts';
import { type AnyWorkDefinition, defineWork } from '../../src/model/work.ts';
import { runSequential } from '../../src/testing/run-sequential.ts';
import { collect, openWorld } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';
import { turns } from '../support/turns.ts';

const test = suite('promise one');

type Numbers = readonly number[];
type AnyNumbersJob = Job<Numbers, unknown, unknown>;

/** How a run is shaken: nothing of it may show in the result. */
interface Shaking {
  readonly size: number;
  readonly concurrency: number;
  /** Turns that calls wait, one after another, again and again: the order of completion. */
  readonly waits: readonly number[];
  /** Which calls fail in their first attempt, again and again. */
  readonly faults: readonly boolean[];
}

const shakings: fc.Arbitrary<Shaking> = fc.record({
  size: fc.integer({ min: 1, max: 12 }),
  concurrency: fc.integer({ min: 1, max: 5 }),
  waits: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 7 }),
  faults: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
});

const inputs = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { maxLength: 40 });

function workOf({ definition }: AnyNumbersJob): AnyWorkDefinition {
  if (definition.work.type !== 'in-place') throw new Error('These jobs have work in place.');
  return definition.work.work;
}

/** Outputs of `chunk` work follow the cut; those of `each` never do. */
function outputsOf(job: AnyNumbersJob, outputs: readonly unknown[]): readonly unknown[] {
  return workOf(job).each ? outputs : [];
}

/** The job with its work shaken, cut as the shaking says. */
function shaken(job: AnyNumbersJob, { concurrency, waits, faults }: Shaking, chunk: Chunker<unknown>): AnyNumbersJob {
  let calls = 0;
  const work = workOf(job);
  const shake = async (attempt: number): Promise<void> => {
    const call = calls++;
    await turns(waits[call % waits.length] ?? 0);
    if (attempt === 1 && faults[call % faults.length]) throw new Error('by chance');
  };
  const { each, chunk: whole } = work;
  const made: AnyWorkDefinition = {
    ...work,
    ...(each && {
      each: async (item, context) => {
        await shake(context.attempt);
        return each(item, context);
      },
    }),
    ...(whole && {
      chunk: async (piece, context) => {
        await shake(context.attempt);
        return whole(piece, context);
      },
    }),
  };
  const retry = { attempts: 4, backoff: { type: 'fixed', base: 0 } } as const;
  return { name: job.name, definition: { ...job.definition, work: { type: 'in-place', work: made }, chunk, concurrency, retry } };
}

/** Result, outputs and item counts of a run on the engine, as bytes. */
async function parallel(job: AnyNumbersJob, input: Numbers): Promise<[string, Payload]> {
  const { engine, clock } = await openWorld([job]);
  try {
    const session = await engine.start(job, input);
    let isOver = false;
    const outcome = session.outcome().finally(() => {
      isOver = true;
    });
    while (!isOver) await clock.advance(1);
    const { status, result, counts, counters } = await outcome;
    const outputs = outputsOf(job, await collect(session.outputs()));
    return [status, encode({ result: result ?? null, items: counts.items, counters, outputs })];
  } finally {
    await engine.close();
  }
}

async function sequential(job: AnyNumbersJob, input: Numbers): Promise<[string, Payload]> {
  const outputs: unknown[] = [];
  const { finalize } = job.definition;
  const watched: AnyNumbersJob = {
    name: job.name,
    definition: {
      ...job.definition,
      retry: { attempts: 4 },
      finalize: async (context) => {
        outputs.push(...(await collect(context.outputs)));
        return finalize ? finalize(context) : context.combined;
      },
    },
  };
  const { status, result, counts, counters } = await runSequential(watched, input);
  return [status, encode({ result: result ?? null, items: counts.items, counters, outputs: outputsOf(job, outputs) })];
}

const numbers = (input: Numbers) => input;

const doubled = defineJob(
  defineWork({
    each: (item: number, { count }) => {
      if (item % 2 !== 0) count('odd');
      return item * 2;
    },
  }),
  { name: 'doubled', source: numbers, chunk: byCount(7), combine: (left, right) => left + right },
);

const listed = defineJob(defineWork({ each: (item: number) => [`${item}`] }), {
  name: 'listed',
  source: numbers,
  chunk: byCount(7),
  combine: (left, right) => [...left, ...right],
});

const digits = defineJob(defineWork({ each: (item: number) => (item < 0 ? undefined : `${item};`) }), {
  name: 'digits',
  source: numbers,
  chunk: byCount(7),
  finalize: async ({ outputs }) => (await collect(outputs)).join(''),
});

/** Runs of equal numbers, joined where neighbours meet: what a chunk leaves open at its edges matters. */
type Runs = readonly (readonly [value: number, length: number])[];

function joinRuns(left: Runs, right: Runs): Runs {
  const last = left.at(-1);
  const first = right[0];
  if (!last || !first || last[0] !== first[0]) return [...left, ...right];
  return [...left.slice(0, -1), [last[0], last[1] + first[1]], ...right.slice(1)];
}

const runLengths = defineJob(
  defineWork({
    chunk: ({ items }: { items: Numbers }): Runs =>
      items.reduce<Runs>((runs, item) => joinRuns(runs, [[Math.sign(item), 1]]), []),
  }),
  { name: 'runs', source: numbers, chunk: byCount(7), combine: joinRuns },
);

const jobs: readonly AnyNumbersJob[] = [doubled, listed, digits, runLengths];

for (const job of jobs) {
  test(`${job.name}: the result is the sequential one, whatever the cut, the order of completion and what fails by chance`, async () => {
    await fc.assert(
      fc.asyncProperty(inputs, shakings, async (input, shaking) => {
        assert.equal(await parallel(shaken(job, shaking, byCount(shaking.size)), input), await sequential(job, input));
      }),
      { numRuns: 60 },
    );
  });
}

test('ranges with overlap: the result is the sequential one of the same cut', async () => {
  const sorted = inputs.map((input) => [...input].sort((a, b) => a - b));
  const around = defineJob(
    defineWork({
      chunk: ({ items, overlap }: { items: Numbers; overlap: { before: Numbers; after: Numbers } }) => [
        [overlap.before.length, ...items, overlap.after.length],
      ],
    }),
    { name: 'around', source: numbers, chunk: byCount(7), combine: (left, right) => [...left, ...right] },
  );
  await fc.assert(
    fc.asyncProperty(
      sorted,
      shakings,
      fc.integer({ min: 1, max: 900 }),
      fc.nat({ max: 900 }),
      async (input, shaking, size, overlap) => {
        const chunk = byRange<never>({ key: (item) => item, size, overlap }) as unknown as Chunker<unknown>;
        const cut: AnyNumbersJob = { ...around, definition: { ...around.definition, chunk } };
        assert.equal(await parallel(shaken(cut, shaking, chunk), input), await sequential(cut, input));
      },
    ),
    { numRuns: 60 },
  );
});

test('items given up are as if never in the input', async () => {
  const refusing = defineJob(
    defineWork({
      each: (item: number) => {
        if (item % 3 === 0) throw new Error('three');
        return [item];
      },
    }),
    { name: 'refusing', source: numbers, chunk: byCount(7), combine: (left, right) => [...left, ...right] },
  );
  await fc.assert(
    fc.asyncProperty(inputs, shakings, async (input, shaking) => {
      const [status, bytes] = await parallel(shaken(refusing, shaking, byCount(shaking.size)), input);
      const living = input.filter((item) => item % 3 !== 0);
      const { result } = JSON.parse(String(bytes)) as { result: unknown };
      if (living.length > 0) assert.equal([status, result], ['completed', living]);
      else assert.is(status, input.length > 0 ? 'failed' : 'completed');
    }),
    { numRuns: 60 },
  );
});

test.run();
