import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { byCount, byRange } from '../../src/model/chunkers.ts';
import { systemClock } from '../../src/model/clock.ts';
import { defineJob, type Policies } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { type Deadly, deadlyExecutor, type Execution } from '../support/deadly-executor.ts';
import { collect, recordingLogger } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';

const test = suite('isolation');

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const work = defineWork({ chunk: ({ items }: { items: readonly number[] }) => [...items] });

function listJob(size: number, policies: Policies = {}) {
  return defineJob(work, {
    name: 'list',
    source: ({ count }: { count: number }) => upTo(count),
    chunk: byCount(size),
    combine: (left, right) => [...left, ...right],
    itemId: (item) => `item-${item}`,
    retry: { attempts: 2, backoff: { base: 0 } },
    ...policies,
  });
}

interface Ran {
  readonly status: string;
  readonly result: unknown;
  readonly letters: readonly string[];
  readonly executions: readonly Execution[];
  readonly failed: number;
  readonly completed: number;
}

async function run(job: ReturnType<typeof listJob>, count: number, deadly: Partial<Deadly>): Promise<Ran> {
  const executions: Execution[] = [];
  const engine = await openEngine({
    jobs: [job],
    store: memory(),
    clock: systemClock,
    logger: recordingLogger(),
    random: () => 0.5,
    leaseMs: 30_000,
    graceMs: 1_000,
    resume: 'manual',
    executor: 'threads',
    executors: () => deadlyExecutor({ work: (items) => items, fateOf: () => undefined, notes: true, ...deadly }, executions),
  });
  try {
    const session = await engine.start(job, { count });
    const outcome = await session.outcome();
    const letters = (await collect(session.deadLetters())).map(({ itemId }) => itemId);
    const { completed, failed } = outcome.counts.items;
    return { status: outcome.status, result: outcome.result, letters, executions, completed, failed };
  } finally {
    await engine.close();
  }
}

const ways = ['exit', 'oom', 'timeout', 'signal', 'throws'] as const;

for (const fate of ways) {
  for (const notes of [true, false]) {
    for (const poison of [[700], [0, 1_023], [3, 90, 91, 500, 777, 1_000, 1_001]]) {
      const how = `${fate}, ${notes ? 'with' : 'without'} a note of the item in hand`;
      test(`of 1,024 items in one batch, exactly the ${poison.length} that kill are dead letters (${how})`, async () => {
        const isPoison = new Set(poison);
        const ran = await run(listJob(1_024), 1_024, { fateOf: (item) => (isPoison.has(item) ? fate : undefined), notes });
        assert.is(ran.status, 'completed');
        assert.equal(
          ran.letters,
          poison.map((item) => `item-${item}`),
        );
        assert.equal(
          ran.result,
          upTo(1_024).filter((item) => !isPoison.has(item)),
        );
        assert.is(ran.completed, 1_024 - poison.length);
        assert.is(ran.failed, poison.length);
        const most = notes && fate !== 'throws' ? 3 : 13;
        const tries = fate === 'throws' ? 1 : 0;
        assert.ok(ran.executions.length <= poison.length * (most + tries) + 1, `${ran.executions.length} executions`);
      });
    }
  }
}

test('one item in 1,024 costs at most 3 executions with the note, 13 without', async () => {
  const fateOf = (item: number) => (item === 700 ? ('signal' as const) : undefined);
  assert.is((await run(listJob(1_024), 1_024, { fateOf })).executions.length, 3);
  const without = await run(listJob(1_024), 1_024, { fateOf, notes: false });
  assert.ok(without.executions.length <= 13, `${without.executions.length} executions`);
});

test('the search for what throws needs no fresh workers, the search for what kills does', async () => {
  for (const [fate, isFresh] of [
    ['throws', false],
    ['exit', true],
  ] as const) {
    const ran = await run(listJob(64), 64, { fateOf: (item) => (item === 33 ? fate : undefined), notes: false });
    assert.equal(ran.letters, ['item-33']);
    const searched = ran.executions.filter((execution) => execution.items.length < 63);
    assert.ok(searched.length > 4 && searched.every((execution) => execution.fresh === isFresh), fate);
  }
});

test('of a group of batches that died, the one in hand runs alone in a fresh worker, and nobody else is charged', async () => {
  const ran = await run(listJob(4), 400, { fateOf: (item) => (item === 333 ? 'exit' : undefined) });
  assert.equal(ran.letters, ['item-333']);
  assert.is(ran.completed, 399);
  const deadly = ran.executions.filter(({ fate }) => fate === 'exit');
  assert.ok(deadly.slice(1).every((execution) => execution.fresh && execution.with === 1));
});

test('work that kills with every item is not taken apart to the last one', async () => {
  const ran = await run(listJob(1_024), 1_024, { fateOf: () => 'exit' });
  assert.is(ran.status, 'failed');
  assert.is(ran.failed, 1_024);
  assert.ok(ran.executions.length < 40, `${ran.executions.length} executions`);
});

test('memory by volume: a batch too large for its worker is done in pieces, and no item is dead', async () => {
  const ran = await run(listJob(1_000), 2_000, {
    fateOfAll: (loaded) => (loaded.length > 300 ? 'oom' : undefined),
    notes: false,
  });
  assert.is(ran.status, 'completed');
  assert.equal(ran.letters, []);
  assert.equal(ran.result, upTo(2_000));
  assert.is(ran.completed, 2_000);
});

test('a batch that was rid of an item that kills, and is too large even so, is done in pieces and ends', async () => {
  const fateOfAll = (loaded: readonly number[]) => (loaded.length > 3 ? 'oom' : undefined);
  const ran = await run(listJob(8), 8, { fateOf: (item) => (item === 3 ? 'exit' : undefined), fateOfAll, notes: true });
  assert.equal([ran.status, ran.letters, ran.completed, ran.failed], ['completed', ['item-3'], 7, 1]);
  assert.equal(ran.result, [0, 1, 2, 4, 5, 6, 7]);
});

test('an item that is found only in a piece leaves what other pieces completed counted', async () => {
  const fateOfAll = (loaded: readonly number[]) => (loaded.includes(2) && loaded.includes(3) ? 'exit' : undefined);
  const ran = await run(listJob(8), 8, { fateOf: (item) => (item === 4 ? 'exit' : undefined), fateOfAll, notes: false });
  assert.equal([ran.status, ran.letters, ran.completed, ran.failed], ['completed', ['item-4'], 7, 1]);
  assert.equal(ran.result, [0, 1, 2, 3, 5, 6, 7]);
});

test('two items that kill only together are done in pieces, too', async () => {
  const together = (loaded: readonly number[]) => (loaded.includes(3) && loaded.includes(40) ? ('signal' as const) : undefined);
  const ran = await run(listJob(64), 128, { fateOfAll: together, notes: false });
  assert.is(ran.status, 'completed');
  assert.equal(ran.letters, []);
  assert.equal(ran.result, upTo(128));
});

test('without combine, a batch that no single item kills is given up together, and named by its range', async () => {
  const { combine: _, ...definition } = listJob(64).definition;
  const job = { ...listJob(64), definition } as ReturnType<typeof listJob>;
  const together = (loaded: readonly number[]) => (loaded.includes(3) && loaded.includes(40) ? ('signal' as const) : undefined);
  const ran = await run(job, 128, { fateOfAll: together, notes: false });
  assert.equal(ran.letters, ['item-0..item-63']);
  assert.is(ran.completed, 64);
});

test("poison: 'fail' gives the whole batch up", async () => {
  const ran = await run(listJob(8, { poison: 'fail' }), 16, { fateOf: (item) => (item === 3 ? 'exit' : undefined) });
  assert.equal(ran.letters, ['item-0..item-7']);
  assert.is(ran.completed, 8);
});

const rangeJob = defineJob(work, {
  name: 'list',
  source: ({ count }: { count: number }) => upTo(count),
  chunk: byRange<number>({ key: (item) => item, size: 10, overlap: 4 }),
  combine: (left, right) => [...left, ...right],
  itemId: (item) => `item-${item}`,
  retry: { attempts: 2, backoff: { base: 0 } },
});

for (const notes of [true, false]) {
  for (const at of [25, 8, 11, 19, 20, 0, 49]) {
    test(`an item that kills in its own chunk and in a neighbour's overlap is one dead letter (item ${at}, notes ${notes})`, async () => {
      const ran = await run(rangeJob, 50, { fateOf: (item) => (item === at ? 'signal' : undefined), notes });
      assert.is(ran.status, 'completed');
      assert.equal(ran.letters, [`item-${at}`]);
      assert.equal(
        ran.result,
        upTo(50).filter((item) => item !== at),
      );
      assert.is(ran.completed, 49);
      assert.is(ran.failed, 1);
    });
  }
}

test('what was completed with an item that died later as a neighbour is done again without it', async () => {
  // Item 18 kills only where its own chunk is not: that one (10 to 19) completes, the next one dies of it.
  const fateOfAll = (loaded: readonly number[]) =>
    loaded.includes(18) && !loaded.includes(10) ? ('signal' as const) : undefined;
  const ran = await run(rangeJob, 40, { fateOfAll, notes: false });
  assert.is(ran.status, 'completed');
  assert.equal(ran.letters, ['item-18']);
  assert.equal(
    ran.result,
    upTo(40).filter((item) => item !== 18),
  );
  assert.is(ran.completed, 39);
  assert.is(ran.failed, 1);
  assert.ok(
    ran.executions.some(({ number, items, fate }) => number === 1 && items.length === 9 && !fate),
    'chunk 1 ran again',
  );
});

test.run();
