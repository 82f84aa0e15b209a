import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { openGate } from '../../src/adapters/executors/gate.ts';
import { sqlite } from '../../src/adapters/stores/sqlite.ts';
import { createEngine } from '../../src/create-engine.ts';
import type { ExecutorName } from '../../src/model/job.ts';
import { actsJob } from '../fixtures/acts-job.ts';
import { collect } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';
import { assertEnding, type Ended } from './support/ended.ts';
import { matrix } from './support/matrix.ts';

const test = suite('faults that may end a host');

const hostFile = fileURLToPath(new URL('../fixtures/acts-host.ts', import.meta.url));
const executors = ['threads', 'processes'] as const;

const cases = executors.flatMap((executor) =>
  matrix.flatMap((row) => {
    const dies = row[executor] === 'host dies';
    return dies || row.apart ? [{ ...row, executor, deaths: dies ? 1 : 0 }] : [];
  }),
);

interface Run extends Ended {
  /** Hosts that died until one lived to the session's end. */
  readonly deaths: number;
}

const runs = new Map<object, Promise<Run>>();
let folder = '';

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-host-killers-'));
  const gate = openGate(2);
  const never = new AbortController().signal;
  for (const row of cases) {
    const run = gate.through(() => hostAfterHost(row.executor, row.act), never);
    run.catch(() => undefined);
    runs.set(row, run);
  }
});
test.after(() => rm(folder, { recursive: true, force: true }));

for (const row of cases) {
  const { executor, act, deaths, processes } = row;
  const ending = deaths === 0 ? 'the host lives' : 'the host dies once, and the next one ends the session';
  test(
    `${act} in ${executor}: ${ending}`,
    async () => {
      const run = await runs.get(row);
      assertEnding(run, act, processes);
      assert.is(run?.deaths, deaths);
    },
    { timeoutMs: 60_000 },
  );
}

/** Hosts on one store, one after another, until the session has ended. */
async function hostAfterHost(executor: ExecutorName, act: string): Promise<Run> {
  const file = join(folder, `${executor} ${act}.db`);
  for (let deaths = 0; deaths < 4; deaths++) {
    const command = ['--import', 'tsx', hostFile, file, executor, act];
    const host = spawn(process.execPath, command, { stdio: 'ignore' });
    const [code] = (await once(host, 'exit')) as [number | null];
    if (code === 0) return { ...(await readEnded(file, act)), deaths };
  }
  throw new Error(`4 hosts died of "${act}".`);
}

async function readEnded(file: string, act: string): Promise<Ended> {
  const engine = await createEngine({ jobs: [actsJob], store: sqlite(file), resume: 'manual' });
  try {
    const session = await engine.find(actsJob, { key: act });
    assert.ok(session);
    const outcome = await session.outcome();
    const letters = await collect(session.deadLetters());
    const attempts = await engine.store.listAttempts({ sessionId: session.id, after: 0, limit: 1_000 });
    return { outcome, letters, attempts };
  } finally {
    await engine.close();
  }
}

test.run();
