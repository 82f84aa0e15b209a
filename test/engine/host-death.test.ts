import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { sqlite } from '../../src/adapters/stores/sqlite.ts';
import { createEngine } from '../../src/create-engine.ts';
import type { ExecutorName } from '../../src/model/job.ts';
import type { AttemptRecord } from '../../src/model/records.ts';
import { runSequential } from '../../src/testing/run-sequential.ts';
import { squaresJob } from '../fixtures/squares-job.ts';
import { collect } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';

const test = suite('host death');

const hostFile = fileURLToPath(new URL('../fixtures/squares-host.ts', import.meta.url));

let folder = '';
test.each.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-host-death-'));
});
test.each.after(() => rm(folder, { recursive: true, force: true }));

function startHost(file: string, count: number, executor: ExecutorName, stuckAt: number): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', hostFile, file, `${count}`, executor], {
    // What a worker process prints goes where its host's own words go.
    stdio: ['ignore', 'pipe', executor === 'processes' ? 'pipe' : 'inherit'],
    env: { ...process.env, STUCK_AT: `${stuckAt}` },
  });
}

/** Resolves when the host says a line; rejects when it ends before. */
async function said(host: ChildProcess, line: string): Promise<void> {
  const words = host.stderr ?? host.stdout;
  assert.ok(words);
  for await (const heard of createInterface(words)) if (heard === line) return;
  throw new Error(`The host ended before it said ${line}.`);
}

async function killedHost(file: string, count: number, executor: ExecutorName, stuckAt: number): Promise<void> {
  const host = startHost(file, count, executor, stuckAt);
  const ended = once(host, 'exit');
  await said(host, 'stuck');
  host.kill('SIGKILL');
  const [, signal] = (await ended) as [number | null, string | null];
  assert.is(signal, 'SIGKILL');
}

function completedOf(attempts: readonly AttemptRecord[]): number[] {
  return attempts.filter(({ outcome }) => outcome === 'completed').map(({ number }) => number);
}

for (const executor of ['inline', 'threads', 'processes'] as const) {
  test(
    `a host that is killed in the middle (${executor}) leaves a session that the next one ends with the same bytes`,
    async () => {
      const count = 400;
      const file = join(folder, 'runs.db');
      await killedHost(file, count, executor, 333);
      const engine = await createEngine({ jobs: [squaresJob], store: sqlite(file), executor: 'inline', resume: 'manual' });
      const [view] = await collect(engine.sessions());
      assert.is(view?.status, 'crashed');
      const page = { sessionId: (view as NonNullable<typeof view>).id, after: 0, limit: 10_000 };
      const before = completedOf(await engine.store.listAttempts(page));
      assert.ok(before.length > 0 && before.length < count / 5, `${before.length} batches were settled`);

      const { resumed, refused } = await engine.resume();
      assert.equal([resumed.length, refused], [1, []]);
      const outcome = await resumed[0]?.outcome();
      const expected = await runSequential(squaresJob, count);
      assert.is(JSON.stringify(outcome?.result), JSON.stringify(expected.result));

      const attempts = await engine.store.listAttempts(page);
      const completed = completedOf(attempts);
      assert.is(completed.length, count / 5);
      assert.is(new Set(completed).size, count / 5, 'no batch completed twice');
      const dead = attempts.filter(({ category }) => category === 'host-death');
      assert.ok(dead.length > 0, 'the store names what ran when the host died');
      assert.ok(
        dead.every(({ number }) => !before.includes(number)),
        'what had settled was not touched',
      );
      await engine.close();
    },
    { timeoutMs: 60_000 },
  );
}

test(
  'the same command, given again, goes on where the killed one was',
  async () => {
    const count = 200;
    const file = join(folder, 'runs.db');
    await killedHost(file, count, 'inline', 150);
    const engine = await createEngine({ jobs: [squaresJob], store: sqlite(file), executor: 'inline', resume: 'manual' });
    const session = await engine.start(squaresJob, count);
    assert.is(session.started, false);
    assert.is((await session.result())?.length, count);
    assert.is((await collect(engine.sessions())).length, 1);
    await engine.close();
  },
  { timeoutMs: 60_000 },
);

test(
  'a host that is alive keeps its session: another one does not take it',
  async () => {
    const file = join(folder, 'runs.db');
    const host = startHost(file, 200, 'inline', 150);
    await said(host, 'stuck');
    const engine = await createEngine({ jobs: [squaresJob], store: sqlite(file), executor: 'inline', resume: 'manual' });
    const { resumed } = await engine.resume();
    assert.is(resumed.length, 0);
    const joined = await engine.start(squaresJob, 200);
    assert.is(joined.started, false);
    assert.is((await joined.state()).status, 'running');
    const ended = once(host, 'exit');
    host.kill('SIGKILL');
    await ended;
    assert.is((await engine.resume()).resumed.length, 1);
    assert.is((await joined.result())?.length, 200);
    await engine.close();
  },
  { timeoutMs: 60_000 },
);

test.run();
