import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { sqlite } from '../../src/adapters/stores/sqlite.ts';
import { createEngine } from '../../src/create-engine.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { defineJob } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { gate } from '../support/engine-world.ts';
import { heapInUse } from '../support/heap.ts';
import { suite } from '../support/suite.ts';

const test = suite('held chunk');

const chunks = 100_000;

/** Heap in use once every chunk, or every one but the first, has settled. */
async function heapOf(isHeld: boolean, folder: string): Promise<number> {
  const door = gate();
  const work = defineWork({
    each: async (item: number) => {
      if (item === 0 && isHeld) await door.opened;
      return item;
    },
  });
  let heap = 0;
  const job = defineJob(work, {
    name: 'held',
    source: function* (count: number) {
      for (let item = 0; item < count; item++) yield item;
    },
    chunk: byCount(1),
    combine: (left, right) => left + right,
    concurrency: 2,
    finalize: ({ combined }) => {
      if (!isHeld) heap = heapInUse();
      return combined;
    },
  });
  const engine = await createEngine({ jobs: [job], store: sqlite(join(folder, `${isHeld}.db`)), resume: 'manual' });
  const session = await engine.start(job, chunks);
  if (isHeld) {
    for await (const { counts } of session.progress({ every: '20ms' })) if (counts.batches.completed === chunks - 1) break;
    heap = heapInUse();
    door.open();
  }
  assert.is(await session.result(), (chunks * (chunks - 1)) / 2);
  await engine.close();
  return heap;
}

test(
  'the first chunk, held back while 100,000 later ones settle, costs no memory: they wait in the store',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-held-'));
    try {
      const free = await heapOf(false, folder);
      const held = await heapOf(true, folder);
      const more = (held - free) / 1_048_576;
      assert.ok(more < 16, `${more.toFixed(1)} MB more`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  { timeoutMs: 180_000 },
);

test.run();
