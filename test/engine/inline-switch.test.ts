import * as assert from 'uvu/assert';
import { inline } from '../../src/adapters/executors/inline.ts';
import { createEngine } from '../../src/create-engine.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { defineJob } from '../../src/model/job.ts';
import { workModule } from '../../src/model/work.ts';
import type work from '../fixtures/whereabouts.work.ts';
import { openWorld } from '../support/engine-world.ts';
import { manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';
import { until } from '../support/turns.ts';

const test = suite('the switch that runs everything in the host');

const job = defineJob(workModule<typeof work>(new URL('../fixtures/whereabouts.work.ts', import.meta.url)), {
  name: 'whereabouts',
  source: (items: readonly string[]) => items,
  chunk: byCount(1),
  retry: { attempts: 2, backoff: { base: '1m', jitter: false } },
  finalize: async ({ outputs }) => {
    const all: { item: string; pid: number; isMainThread: boolean }[] = [];
    for await (const output of outputs) all.push(output);
    return all;
  },
});

const items = ['a', 'b!', 'c', 'd!', 'e'];
const here = (all: readonly string[]) => all.map((item) => ({ item, pid: process.pid, isMainThread: true }));

/** Runs with an environment variable that is set for this long only. */
async function withVariable<T>(name: string, value: string, run: () => Promise<T>): Promise<T> {
  const before = process.env[name];
  process.env[name] = value;
  try {
    return await run();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}

test('MILLRACE_EXECUTOR=inline runs modules in the host, whatever the engine was told; without it they leave it', async () => {
  const run = async (): Promise<unknown> => {
    await using engine = await createEngine({ jobs: [job], executor: 'threads', workers: 1 });
    return (await engine.run(job, ['a', 'b'])).result;
  };
  assert.equal(await withVariable('MILLRACE_EXECUTOR', 'inline', run), here(['a', 'b']));
  const elsewhere = (await run()) as readonly { isMainThread: boolean }[];
  assert.equal(
    elsewhere.map(({ isMainThread }) => isMainThread),
    [false, false],
  );
});

test('a word that names no executor is refused', async () => {
  const refusal = await withVariable('MILLRACE_EXECUTOR', 'in-line', () => createEngine().catch((error: Error) => error.message));
  assert.match(String(refusal), /^MILLRACE_EXECUTOR must be 'inline', 'threads' or 'processes'/);
});

test('inline, retries wait by the same clock, and the result is the same', async () => {
  const clock = manualClock();
  const made: string[] = [];
  const { engine } = await openWorld([job], {
    clock,
    executor: 'inline',
    executors: (name, slots) => {
      made.push(name);
      return inline({ slots });
    },
  });
  const session = await engine.start(job, items);
  await until('what fails waits', async () => (await session.state()).counts.batches.failed === 2);
  await clock.advance(59_000);
  assert.is((await session.state()).counts.batches.completed, 3);
  await clock.advance(2_000);
  assert.equal(await session.result(), here(items));
  assert.equal([...new Set(made)], ['inline']);
  await engine.close();
  assert.is(clock.pending({ background: true }), 0);
});

test.run();
