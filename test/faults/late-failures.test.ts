import * as assert from 'uvu/assert';
import { createEngine } from '../../src/create-engine.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { defineJob, type Policies } from '../../src/model/job.ts';
import { workModule } from '../../src/model/work.ts';
import type acts from '../fixtures/acts.work.ts';
import { collect } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';

const test = suite('failures that come after their batch');

const job = defineJob(workModule<typeof acts>(new URL('../fixtures/acts.work.ts', import.meta.url)), {
  name: 'late',
  source: (items: readonly string[]) => items,
  chunk: byCount(1),
  itemId: (item) => item,
  combine: (left) => left,
  retry: { attempts: 1 },
});

for (const executor of ['threads', 'processes'] as const) {
  for (const poison of ['isolate', 'fail'] satisfies Policies['poison'][]) {
    test(`a batch that a failure of an earlier one hits is not given up for it (${executor}, poison: '${poison}')`, async () => {
      const engine = await createEngine({ jobs: [job], executor, workers: 1 });
      const session = await engine.start(job, ['throw 200 ms later', 'take 600 ms'], { poison });
      const { counts } = await session.outcome();
      const letters = await collect(session.deadLetters());
      const attempts = await engine.store.listAttempts({ sessionId: session.id, after: 0, limit: 100 });
      await engine.close();
      assert.equal(letters, []);
      assert.is(counts.items.completed, 2);
      assert.is(attempts.filter(({ number }) => number === 1).length, 2, 'it was hit, and ran again');
    });
  }
}

test.run();
