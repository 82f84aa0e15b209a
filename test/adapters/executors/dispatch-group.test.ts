import { Piscina } from 'piscina';
import * as assert from 'uvu/assert';
import { dispatchGroup } from '../../../src/adapters/executors/dispatch-group.ts';
import type { Reply } from '../../../src/model/executor.ts';
import { silentLogger } from '../../../src/model/logger.ts';
import type { Fault } from '../../fixtures/faults.work.ts';
import { suite } from '../../support/suite.ts';
import { faults } from './support/groups.ts';

const test = suite('dispatch of a group');

const good: Fault = { do: 'return', value: 1 };

/** Dispatches two batches to a pool whose workers run another entry than ours. */
async function dispatchTo(entry: string, early: Reply[] = []): ReturnType<typeof dispatchGroup> {
  const filename = new URL(entry, import.meta.url).href;
  const pool = new Piscina({ filename, name: 'serve', minThreads: 0, maxThreads: 1, atomics: 'disabled' });
  const onReplies = (replies: readonly Reply[]): void => void early.push(...replies);
  try {
    return await dispatchGroup(pool, faults([[good], [good]]), {
      signal: new AbortController().signal,
      log: silentLogger,
      onReplies,
    });
  } finally {
    await pool.destroy();
  }
}

test('a group whose thread cannot start has not begun', async () => {
  const dispatched = await dispatchTo('./missing-entry.js');
  assert.is(dispatched.type, 'unstarted');
  assert.match(String(dispatched.type === 'unstarted' && dispatched.thrown), 'missing-entry');
});

test('a worker that answers nonsense loses the batches concerned; the first sound answer of a batch counts', async () => {
  const replies: Reply[] = [];
  const dispatched = await dispatchTo('../../fixtures/hostile-entry.mjs', replies);
  assert.is(dispatched.type, 'ended');
  if (dispatched.type === 'ended') {
    replies.push(...dispatched.report.replies);
    assert.is(dispatched.report.death, undefined);
  }
  assert.equal(
    replies.map(({ number, output, error }) => [number, output, error?.category]),
    [
      [1, '1', undefined],
      [0, null, 'lost'],
    ],
  );
});

test.run();
