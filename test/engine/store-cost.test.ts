import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import { sqlite } from '../../src/adapters/stores/sqlite.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { defineJob } from '../../src/model/job.ts';
import type { Store } from '../../src/model/store.ts';
import { defineWork } from '../../src/model/work.ts';
import { openWorld } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';

const test = suite('store cost');

const job = defineJob(defineWork({ each: (item: number) => item }), {
  name: 'nothing',
  source: (count: number) => Array(count).keys(),
  chunk: byCount(1),
  combine: (left, right) => left + right,
});

let folder = '';
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-cost-'));
});
test.after(() => rm(folder, { recursive: true, force: true }));

const stores: readonly { name: string; make: () => Store }[] = [
  { name: 'memory', make: () => memory() },
  { name: 'sqlite', make: () => sqlite(join(folder, 'runs.db')) },
];

for (const { name, make } of stores) {
  test(`a small chunk costs the ${name} store a few rows and a fraction of a transaction, and the log says so`, async () => {
    const chunks = 3_000;
    const { engine, lines } = await openWorld([job], { store: make() });
    const before = engine.store.operations();
    assert.is((await engine.run(job, chunks)).result, (chunks * (chunks - 1)) / 2);
    const after = engine.store.operations();
    const [line] = lines.filter(({ message }) => message === 'store operations');
    assert.is(line?.facts.chunks, chunks);
    const { transactions, rowsWritten, transactionsPerChunk, rowsPerChunk } = (line?.facts ?? {}) as Record<string, number>;
    assert.ok(transactions !== undefined && transactions <= after.transactions - before.transactions);
    assert.ok(rowsWritten !== undefined && rowsWritten <= after.rowsWritten - before.rowsWritten);
    assert.ok((transactionsPerChunk ?? 1) < 0.2, `${transactionsPerChunk} transactions a chunk`);
    // Recorded, claimed, settled; with its attempt and its output, where a store keeps them in rows of their own.
    assert.ok((rowsPerChunk ?? 9) >= 2 && (rowsPerChunk ?? 9) <= 5.5, `${rowsPerChunk} rows a chunk`);
    await engine.close();
  });
}

test.run();
