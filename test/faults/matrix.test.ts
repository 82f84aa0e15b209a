import * as assert from 'uvu/assert';
import { openGate } from '../../src/adapters/executors/gate.ts';
import { createEngine } from '../../src/create-engine.ts';
import type { Engine } from '../../src/engine/api/api.ts';
import { actsJob, itemsOf } from '../fixtures/acts-job.ts';
import { collect } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';
import { assertEnding, type Ended } from './support/ended.ts';
import { type Ending, matrix, type Row, titleOf } from './support/matrix.ts';

/** Sessions at once on two workers, so that each fault has healthy batches of others before, beside and behind it. */
const atOnce = 3;

interface Case extends Row {
  readonly ending: Ending;
}

for (const executor of ['threads', 'processes'] as const) {
  const test = suite(`faults in ${executor}`);
  const cases: readonly Case[] = matrix.flatMap((row) => {
    const ending = row[executor];
    return ending === 'host dies' || row.apart ? [] : [{ ...row, ending }];
  });
  const runs = new Map<string, Promise<Ended>>();
  let engine: Engine | undefined;

  test.before(async () => {
    const host = await createEngine({ jobs: [actsJob], executor, workers: 2, workerMemoryMb: 64, grace: 0 });
    engine = host;
    const gate = openGate(atOnce);
    const never = new AbortController().signal;
    for (const row of cases) {
      const run = gate.through(() => runOne(host, row), never);
      run.catch(() => undefined);
      runs.set(titleOf(row), run);
    }
  });
  test.after(() => engine?.close());

  for (const row of cases) {
    const how = 'dead' in row.ending ? `is a dead letter: ${row.ending.dead}` : 'completes';
    const body = async (): Promise<void> => assertEnding(await runs.get(titleOf(row)), row.act, row.ending);
    test(`${titleOf(row)}: the item ${how}, and all others complete`, body, { timeoutMs: 60_000 });
  }

  test('afterwards the host runs healthy sessions as before', async () => {
    for (const healthy of ['h', 'i', 'j']) {
      const outcome = await (engine as Engine).run(actsJob, healthy);
      assert.equal(outcome.result, itemsOf(healthy));
    }
  });

  test.run();
}

async function runOne(engine: Engine, row: Row): Promise<Ended> {
  const session = await engine.start(actsJob, row.act, { ...row.policies, key: titleOf(row) });
  const outcome = await session.outcome();
  const letters = await collect(session.deadLetters());
  const attempts = await engine.store.listAttempts({ sessionId: session.id, after: 0, limit: 1_000 });
  return { outcome, letters, attempts };
}
