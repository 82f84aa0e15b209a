import * as assert from 'uvu/assert';
import { createProgressMeter, type ProgressSource } from '../../src/engine/api/progress.ts';
import { suite } from '../support/suite.ts';

const test = suite('time left');

/** A session of 100 batches whose items are known before (`total`), or only once a worker has read its slice. */
function source(completedBatches: number, itemsEach: number, total?: number): ProgressSource {
  const completed = completedBatches * itemsEach;
  return {
    state: 'running.draining',
    paused: false,
    counts: {
      items: { total: total ?? completed, completed, failed: 0, cancelled: 0 },
      batches: {
        total: 100,
        pending: 100 - completedBatches,
        running: 0,
        completed: completedBatches,
        failed: 0,
        crashed: 0,
        cancelled: 0,
      },
    },
    counters: {},
    position: { chunks: 100, items: total ?? 0, ended: true },
  };
}

test('is told from the items that are left, where they are known', () => {
  const meter = createProgressMeter();
  assert.is(meter.read(source(0, 5, 500), 0).etaMs, undefined);
  assert.is(meter.read(source(20, 5, 500), 1_000).etaMs, 4_000);
});

test('is told from the batches that are left, where workers find out how many items there are', () => {
  const meter = createProgressMeter();
  assert.is(meter.read(source(0, 5), 0).etaMs, undefined);
  assert.is(meter.read(source(20, 5), 1_000).etaMs, 4_000);
  assert.is(meter.read(source(100, 5), 1_050).etaMs, 0);
});

test.run();
