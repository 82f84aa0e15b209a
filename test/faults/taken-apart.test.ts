import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/create-engine.ts';
import type { Engine } from '../../src/engine/api/api.ts';
import { runSequential } from '../../src/testing/run-sequential.ts';
import { fixOf, holdOf } from '../fixtures/poison.ts';
import { poisonChunks, poisonRanges } from '../fixtures/poison-jobs.ts';
import { collect } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';

for (const executor of ['threads', 'processes'] as const) {
  const test = suite(`batches taken apart in ${executor}`);
  let folder = '';
  let engine: Engine | undefined;
  test.before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-taken-apart-'));
    engine = await createEngine({ jobs: [poisonChunks, poisonRanges], executor, workers: 2, workerMemoryMb: 64, grace: 0 });
  });
  test.after(async () => {
    await engine?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const fate = executor === 'threads' ? 'exit' : 'segfault';
  // Chunks of ten see four items on each side: 25 is seen by one chunk, 28 by the one behind too, 10 by the one before.
  for (const item of [25, 28, 10]) {
    test(
      `item ${item} kills every chunk that sees it: one dead letter, the sequential bytes without it, and all of them after its fix`,
      async () => {
        const witness = join(folder, `item-${item}`);
        const input = { count: 50, witness, notes: true, distance: 4, fates: { [item]: fate } as const };
        const harmless = { ...input, fates: {} };
        const first = await (engine as Engine).start(poisonRanges, input);
        const partial = JSON.stringify((await runSequential(poisonRanges, { ...harmless, without: [item] })).result);
        assert.is(JSON.stringify(await first.result()), partial);
        const letters = await collect(first.deadLetters());
        assert.equal(
          letters.map(({ itemId, items, error }) => [itemId, items, error.category]),
          [[`item-${item}`, 1, executor === 'threads' ? 'exit' : 'signal']],
        );

        await writeFile(holdOf(witness), '');
        await writeFile(fixOf(witness), '');
        const second = await first.replay();
        assert.is(JSON.stringify(await second.latestResult()), partial, 'until the replay has ended, its readers see what was');
        await rm(holdOf(witness));
        const { result, finalizeId } = await second.outcome();
        assert.is(JSON.stringify(result), JSON.stringify((await runSequential(poisonRanges, harmless)).result));
        assert.is(finalizeId, `${second.id}.2`);
        assert.equal(await collect(second.deadLetters()), []);
      },
      { timeoutMs: 60_000 },
    );
  }

  test(
    'a batch that is too large for the memory of a worker is done in pieces, and no item is dead',
    async () => {
      const input = { count: 1_100, witness: join(folder, 'volume'), notes: true, fates: {}, kb: 200 };
      const session = await (engine as Engine).start(poisonChunks, input);
      const { status, result, counts } = await session.outcome();
      assert.is(status, 'completed');
      assert.equal(await collect(session.deadLetters()), []);
      assert.is(counts.items.completed, 1_100);
      const small = { ...input, kb: 0 };
      assert.is(JSON.stringify(result), JSON.stringify((await runSequential(poisonChunks, small)).result));
    },
    { timeoutMs: 90_000 },
  );
  test.run();
}
